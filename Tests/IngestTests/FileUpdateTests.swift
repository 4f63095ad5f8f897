import Documents
import Foundation
import Testing

@testable import Ingest

/// One thing a user does to a file is one update.
@Suite struct FileUpdateTests {
  @Test func everythingBelowThePathsIsReadAtFirst() throws {
    let scene = try Scene { folder in
      try folder.makeDirectory("conf/deep/er")
      try folder.makeDirectory("conf/.git")
      for name in [
        "a.yaml", "b.yml", "c.json", "deep/er/d.yaml", "note.txt", "e.yaml~", ".f.yaml",
        "#g.yaml#", ".git/h.yaml",
      ] { try folder.write("conf/\(name)", "name: x\n") }
    }
    #expect(
      scene.told.keys.sorted() == [
        "conf/a.yaml", "conf/b.yml", "conf/c.json", "conf/deep/er/d.yaml",
      ])
    #expect(scene.problems == [])
    #expect(try scene.updatesUntilQuiet() == [])
  }

  @Test func aFileMovedIntoPlaceIsOneUpdateAtOnce() throws {
    let scene = try Scene { try $0.write("conf/a.yaml", "v: 1\n") }
    try scene.folder.replace("conf/a.yaml", "v: 2\n")
    #expect(try scene.updates() == [["+conf/a.yaml"]])
    #expect(scene.told["conf/a.yaml"] == #"{"v":2}"#)
    #expect(try scene.updatesUntilQuiet() == [])
  }

  @Test func aFileWrittenInPlaceIsOneUpdateWhenItIsClosed() throws {
    let scene = try Scene { try $0.write("conf/a.yaml", "v: 1\n") }
    let file = try #require(fopen(scene.path("conf/a.yaml"), "w"))
    #expect(try scene.updatesUntilQuiet() == [], "emptied, not yet written")
    fputs("v: 2\n", file)
    fflush(file)
    #expect(try scene.updatesUntilQuiet() == [], "half written")
    fputs("m: 3\n", file)
    fclose(file)
    #expect(try scene.updates() == [["+conf/a.yaml"]])
    #expect(scene.told["conf/a.yaml"] == #"{"v":2,"m":3}"#)
    #expect(try scene.updatesUntilQuiet() == [])
  }

  @Test func aFileIsNotReadBeforeItsWriterClosesIt() throws {
    let scene = try Scene()
    let file = try #require(fopen(scene.path("conf/a.yaml"), "w"))
    #expect(try scene.updatesUntilQuiet() == [])
    fputs("v: 1\n", file)
    fflush(file)
    #expect(try scene.updatesUntilQuiet() == [])
    fclose(file)
    #expect(try scene.updates() == [["+conf/a.yaml"]])
  }

  @Test func theSameContentsAreNoUpdate() throws {
    let scene = try Scene { try $0.write("conf/a.yaml", "v: 1\n") }
    try scene.folder.write("conf/a.yaml", "v: 1\n")
    try scene.folder.replace("conf/a.yaml", "v: 1\n")
    #expect(utimes(scene.path("conf/a.yaml"), nil) == 0)
    #expect(try scene.updatesUntilQuiet() == [])
  }

  @Test func severalFilesWrittenAtOnceAreOneUpdate() throws {
    let scene = try Scene()
    for name in ["c", "a", "b"] { try scene.folder.write("conf/\(name).yaml", "v: 1\n") }
    #expect(try scene.updates() == [["+conf/a.yaml", "+conf/b.yaml", "+conf/c.yaml"]])
  }

  /// vim with 'writebackup': tries the directory, moves the old file aside, writes, deletes the old.
  @Test func savingInVimIsOneUpdate() throws {
    let scene = try Scene { try $0.write("conf/a.yaml", "v: 1\n") }
    let folder = scene.folder
    try folder.write("conf/.a.yaml.swp", "x")
    try folder.write("conf/4913", "")
    try folder.remove("conf/4913")
    try folder.move("conf/a.yaml", "conf/a.yaml~")
    #expect(try scene.updates() == [])
    let file = try #require(fopen(scene.path("conf/a.yaml"), "w"))
    scene.pass(.milliseconds(90))
    #expect(try scene.updates() == [])
    fputs("v: 2\n", file)
    fclose(file)
    #expect(chmod(scene.path("conf/a.yaml"), 0o600) == 0)
    try folder.remove("conf/a.yaml~")
    try folder.remove("conf/.a.yaml.swp")
    #expect(try scene.updatesUntilQuiet() == [["+conf/a.yaml"]])
    #expect(scene.told == ["conf/a.yaml": #"{"v":2}"#])
  }

  /// emacs: a lock that is a link to nowhere, an auto-save file, a backup by renaming.
  @Test func savingInEmacsIsOneUpdate() throws {
    let scene = try Scene { try $0.write("conf/a.yaml", "v: 1\n") }
    let folder = scene.folder
    try folder.link("conf/.#a.yaml", to: "user@host.123:456")
    try folder.write("conf/#a.yaml#", "v: 1\nm")
    try folder.move("conf/a.yaml", "conf/a.yaml~")
    try folder.write("conf/a.yaml", "v: 2\n")
    try folder.remove("conf/#a.yaml#")
    try folder.remove("conf/.#a.yaml")
    #expect(try scene.updatesUntilQuiet() == [["+conf/a.yaml"]])
    #expect(scene.told.count == 1)
  }

  @Test func aDeletedFileIsGoneAfterQuiet() throws {
    let scene = try Scene { try $0.write("conf/a.yaml", "v: 1\n") }
    try scene.folder.remove("conf/a.yaml")
    #expect(try scene.updates() == [])
    #expect(try scene.updatesUntilQuiet() == [["-conf/a.yaml"]])
    #expect(scene.told == [:])
  }

  @Test func aDeletedFileThatComesBackIsOneUpdate() throws {
    let scene = try Scene { try $0.write("conf/a.yaml", "v: 1\n") }
    try scene.folder.remove("conf/a.yaml")
    #expect(try scene.updates() == [])
    try scene.folder.write("conf/a.yaml", "v: 2\n")
    #expect(try scene.updatesUntilQuiet() == [["+conf/a.yaml"]])
  }

  @Test func aRenamedFileIsOneUpdateAtOnce() throws {
    let scene = try Scene { try $0.write("conf/a.yaml", "v: 1\n") }
    try scene.folder.move("conf/a.yaml", "conf/b.yaml")
    #expect(try scene.updates() == [["+conf/b.yaml", "-conf/a.yaml"]])
    #expect(try scene.updatesUntilQuiet() == [])
  }

  @Test func aFileLinkedIntoPlaceIsRead() throws {
    let scene = try Scene { try $0.write("outside", "v: 1\n") }
    #expect(link(scene.path("outside"), scene.path("conf/a.yaml")) == 0)
    #expect(try scene.updatesUntilQuiet() == [["+conf/a.yaml"]])
  }

  @Test func oneFileOfAThousandCostsOneLook() throws {
    let scene = try Scene { folder in
      for number in 0..<1000 { try folder.write("conf/\(number).yaml", "v: 1\n") }
    }
    let looks = scene.source.looks
    try scene.folder.write("conf/500.yaml", "v: 2\n")
    #expect(try scene.updatesUntilQuiet() == [["+conf/500.yaml"]])
    #expect(scene.source.looks - looks == 1)
    #expect(scene.source.walks == 0)
  }

  @Test func aFileTooLargeIsReportedAndNotRead() throws {
    let scene = try Scene()
    try scene.folder.write("conf/b.txt", "")
    #expect(truncate(scene.path("conf/b.txt"), 100 << 20) == 0)
    try scene.folder.move("conf/b.txt", "conf/b.yaml")
    #expect(try scene.updates() == [["+conf/b.yaml"]])
    #expect(scene.told["conf/b.yaml"]?.contains("the file has 104857600 bytes") == true)
  }

  @Test func aPipeIsReportedAndNotWaitedFor() throws {
    let scene = try Scene()
    #expect(mkfifo(scene.path("conf/a.txt"), 0o600) == 0)
    try scene.folder.move("conf/a.txt", "conf/a.yaml")
    #expect(try scene.updatesUntilQuiet() == [["+conf/a.yaml"]])
    #expect(scene.told["conf/a.yaml"]?.contains("it is not a file") == true)
  }

  /// The descriptor is all that a thread needs to wait for, for what the kernel reports and for quiet.
  @Test func theDescriptorIsReadableWhenThereIsSomethingToSay() throws {
    let scene = try Scene { try $0.write("conf/a.yaml", "v: 1\n") }
    func isReadable(within milliseconds: CInt) -> Bool {
      var waited = pollfd(fd: scene.source.descriptor.number, events: Int16(POLLIN), revents: 0)
      return poll(&waited, 1, milliseconds) == 1
    }
    #expect(!isReadable(within: 0))
    try scene.folder.remove("conf/a.yaml")
    #expect(isReadable(within: 10_000))
    #expect(try scene.source.changes(now: .now)?.files.count == nil)
    #expect(isReadable(within: 10_000))
    #expect(try scene.source.changes(now: .now)?.removed == [scene.path("conf/a.yaml")])
    #expect(!isReadable(within: 0))
  }
}
