private import Glibc

/// Files and directories by path.
package enum Files {
  package struct Entry: Hashable, Sendable {
    package let name: String
    /// The entry itself, not what a link leads to; nil where the file system does not say.
    package let kind: FileStatus.Kind?
  }

  package enum Contents: Sendable {
    case bytes([UInt8])
    /// More bytes than were to be read.
    case tooLarge(Int)
    /// A directory, a pipe, a device: nothing that has contents.
    case notAFile
  }

  /// What is in a directory but for itself and its parent, in no order. A name that is not UTF-8 is
  /// left out: no path spells it.
  package static func entries(of directory: String) throws(LinuxError) -> [Entry] {
    guard let stream = unsafe opendir(directory) else {
      throw LinuxError("list \(directory)", code: errno)
    }
    defer { unsafe closedir(stream) }
    var entries: [Entry] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) {
          unsafe String(validatingCString: $0)
        }
      }
      guard let name, name != ".", name != ".." else { continue }
      entries.append(Entry(name: name, kind: unsafe kind(ofEntry: entry.pointee.d_type)))
    }
    return entries
  }

  /// What is in a file of up to `limit` bytes.
  package static func contents(of path: String, limit: Int) throws(LinuxError) -> Contents {
    // Without O_NONBLOCK, opening a pipe waits for its writer.
    let file = FileDescriptor(
      owning: try call("open \(path)") {
        unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
      })
    let status = try FileStatus(of: file)
    guard status.kind == .file else { return .notAFile }
    guard status.size <= limit else { return .tooLarge(status.size) }
    // One byte more than expected shows that the file grew.
    var bytes = try file.contents(upTo: status.size + 1)
    guard bytes.count > status.size else { return .bytes(bytes) }
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while case .bytes(let count) = try file.read(into: &buffer) {
      bytes += buffer[..<count]
      guard bytes.count <= limit else { return .tooLarge(bytes.count) }
    }
    return .bytes(bytes)
  }

  /// Makes the file, or replaces its contents, which other programs may read. Not here, on purpose:
  /// putting it in place whole; whoever reads it starts after it is written.
  package static func write(_ bytes: [UInt8], to path: String) throws(LinuxError) {
    let file = FileDescriptor(
      owning: try call("open \(path)") {
        unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0o644)
      })
    var start = 0
    while start < bytes.count {
      guard case .bytes(let count) = try file.write(bytes, from: start), count > 0 else {
        throw LinuxError("write \(path)", code: EIO)
      }
      start += count
    }
  }

  /// What a symbolic link says.
  package static func target(ofLink path: String) throws(LinuxError) -> String {
    let size = Int(PATH_MAX)
    var target = [UInt8](repeating: 0, count: size)
    let count = unsafe target.withUnsafeMutableBytes { buffer in
      unsafe buffer.withMemoryRebound(to: CChar.self) {
        unsafe readlink(path, $0.baseAddress!, $0.count)
      }
    }
    guard count >= 0 else { throw LinuxError("follow \(path)", code: errno) }
    return String(decoding: target[..<count], as: UTF8.self)
  }

  private static func kind(ofEntry type: UInt8) -> FileStatus.Kind? {
    switch Int(type) {
    case Int(DT_REG): .file
    case Int(DT_DIR): .directory
    case Int(DT_LNK): .link
    case Int(DT_UNKNOWN): nil
    default: .other
    }
  }
}
