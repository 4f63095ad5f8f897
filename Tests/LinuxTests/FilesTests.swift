import Foundation
import Testing

@testable import Linux

@Suite struct FilesTests {
  @Test func entriesAreNamedWithTheirKinds() throws {
    let folder = try freshDirectory()
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data().write(to: folder.appending(path: "file"))
    #expect(mkdir(folder.appending(path: "directory").path, 0o755) == 0)
    #expect(symlink("nowhere", folder.appending(path: "link").path) == 0)
    let kinds = try Dictionary(
      uniqueKeysWithValues: Files.entries(of: folder.path).map { ($0.name, $0.kind) })
    #expect(kinds == ["file": .file, "directory": .directory, "link": .link])
    #expect(try Files.target(ofLink: folder.appending(path: "link").path) == "nowhere")
    #expect(throws: LinuxError.self) { try Files.entries(of: folder.path + "/file") }
  }

  @Test func contentsAreReadUpToTheLimit() throws {
    let folder = try freshDirectory()
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "file").path
    let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    try Data(bytes).write(to: URL(filePath: path))
    guard case .bytes(let read) = try Files.contents(of: path, limit: bytes.count) else {
      Issue.record("not read")
      return
    }
    #expect(read == bytes)
    guard case .tooLarge(3_000_000) = try Files.contents(of: path, limit: bytes.count - 1) else {
      Issue.record("read beyond the limit")
      return
    }
    guard case .notAFile = try Files.contents(of: folder.path, limit: 1) else {
      Issue.record("a directory has no contents")
      return
    }
    let error = #expect(throws: LinuxError.self) {
      try Files.contents(of: "/nowhere", limit: 1)
    }
    #expect(error?.isNotFound == true)
  }

  @Test func statusFollowsLinksOrDoesNot() throws {
    let folder = try freshDirectory()
    defer { try? FileManager.default.removeItem(at: folder) }
    let (file, link) = (folder.appending(path: "file").path, folder.appending(path: "link").path)
    try Data([1, 2, 3]).write(to: URL(filePath: file))
    #expect(symlink("file", link) == 0)
    #expect(try FileStatus(of: link) == FileStatus(of: file))
    #expect(try FileStatus(of: link).size == 3)
    #expect(try FileStatus(ofLink: link).kind == .link)
    #expect(throws: LinuxError.self) { try FileStatus(of: folder.path + "/nothing") }
  }

  @Test func aTimerIsReadableWhenItsTimeHasPassed() throws {
    let timer = try TimerFD()
    let epoll = try Epoll()
    try epoll.add(timer.descriptor, .readable, token: 1)
    try timer.set(.milliseconds(1))
    #expect(try epoll.wait(timeout: nil).map(\.token) == [1])
    try timer.clear()
    #expect(try epoll.wait(timeout: .zero).isEmpty)
    try timer.set(.zero)
    #expect(try epoll.wait(timeout: nil).map(\.token) == [1])
    try timer.set(nil)
    #expect(try epoll.wait(timeout: .zero).isEmpty)
    try timer.clear()
  }
}
