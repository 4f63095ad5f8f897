import Documents
import Foundation
import Testing

@testable import Ingest

/// What happens to directories and links.
@Suite struct TreeUpdateTests {
  @Test func aDirectoryMadeLaterIsFollowed() throws {
    let scene = try Scene()
    try scene.folder.makeDirectory("conf/a/b")
    try scene.folder.write("conf/a/b/c.yaml", "v: 1\n")
    #expect(try scene.updatesUntilQuiet() == [["+conf/a/b/c.yaml"]])
    try scene.folder.write("conf/a/b/c.yaml", "v: 2\n")
    #expect(try scene.awaitedUpdates() == [["+conf/a/b/c.yaml"]])
    try scene.folder.makeDirectory("conf/a/d")
    #expect(try scene.updatesUntilQuiet() == [])
    try scene.folder.write("conf/a/d/e.yaml", "v: 3\n")
    #expect(try scene.awaitedUpdates() == [["+conf/a/d/e.yaml"]])
  }

  @Test func aDirectoryMovedInIsOneUpdate() throws {
    let scene = try Scene { folder in
      try folder.makeDirectory("other/x")
      try folder.write("other/a.yaml", "v: 1\n")
      try folder.write("other/x/b.yaml", "v: 2\n")
    }
    try scene.folder.move("other", "conf/other")
    #expect(try scene.updatesUntilQuiet() == [["+conf/other/a.yaml", "+conf/other/x/b.yaml"]])
  }

  @Test func aDeletedDirectoryTakesItsFilesWithIt() throws {
    let scene = try Scene { folder in
      try folder.makeDirectory("conf/a/b")
      try folder.write("conf/a/1.yaml", "v: 1\n")
      try folder.write("conf/a/b/2.yaml", "v: 2\n")
    }
    try scene.folder.remove("conf/a")
    #expect(try scene.updatesUntilQuiet() == [["-conf/a/1.yaml", "-conf/a/b/2.yaml"]])
    #expect(scene.problems == [])
  }

  @Test func aRenamedDirectoryIsOneUpdateAndIsFollowedAtItsNewPath() throws {
    let scene = try Scene { folder in
      try folder.makeDirectory("conf/a")
      try folder.write("conf/a/1.yaml", "v: 1\n")
    }
    try scene.folder.move("conf/a", "conf/b")
    #expect(try scene.updatesUntilQuiet() == [["+conf/b/1.yaml", "-conf/a/1.yaml"]])
    try scene.folder.write("conf/b/1.yaml", "v: 2\n")
    #expect(try scene.updates() == [["+conf/b/1.yaml"]])
    try scene.folder.makeDirectory("conf/a")
    #expect(try scene.updatesUntilQuiet() == [])
    try scene.folder.write("conf/a/2.yaml", "v: 2\n")
    #expect(try scene.updates() == [["+conf/a/2.yaml"]])
  }

  /// What the kubelet does (its AtomicWriter): a new directory, then `..data` swapped, then links for
  /// new keys made and those of old keys taken away, then the old directory deleted.
  @Test func theSwapOfAMountedConfigMapIsOneUpdate() throws {
    let scene = try Scene { try $0.makeDirectory("conf/..1") }
    let folder = scene.folder
    try folder.write("conf/..1/same.yaml", "v: 0\n")
    try folder.write("conf/..1/edited.yaml", "v: 1\n")
    try folder.write("conf/..1/dropped.yaml", "v: 2\n")
    try folder.link("conf/..data", to: "..1")
    for key in ["same", "edited", "dropped"] {
      try folder.link("conf/\(key).yaml", to: "..data/\(key).yaml")
    }
    #expect(
      try scene.updatesUntilQuiet() == [
        ["+conf/dropped.yaml", "+conf/edited.yaml", "+conf/same.yaml"]
      ])

    for generation in 2...3 {
      try folder.makeDirectory("conf/..\(generation)")
      #expect(try scene.updates() == [])
      try folder.write("conf/..\(generation)/same.yaml", "v: 0\n")
      try folder.write("conf/..\(generation)/edited.yaml", "v: \(generation)\n")
      try folder.write("conf/..\(generation)/added\(generation).yaml", "v: 3\n")
      try folder.link("conf/..data_tmp", to: "..\(generation)")
      #expect(try scene.updates() == [])
      try folder.move("conf/..data_tmp", "conf/..data")
      #expect(try scene.updates() == [])
      try folder.link("conf/added\(generation).yaml", to: "..data/added\(generation).yaml")
      let dropped = generation == 2 ? "dropped" : "added2"
      try folder.remove("conf/\(dropped).yaml")
      try folder.remove("conf/..\(generation - 1)")
      #expect(
        try scene.updatesUntilQuiet() == [
          ["+conf/added\(generation).yaml", "+conf/edited.yaml", "-conf/\(dropped).yaml"]
        ])
    }
    #expect(scene.told == scene.fresh())
  }

  /// git-sync: the given path is a link that is swapped for one to another directory.
  @Test func theSwapOfAGivenLinkIsOneUpdate() throws {
    let scene = try Scene(roots: ["current"]) { folder in
      for (name, files) in [("one", ["a", "b"]), ("two", ["a", "c"])] {
        try folder.makeDirectory(name)
        for file in files { try folder.write("\(name)/\(file).yaml", "from: \(name)\n") }
      }
      try folder.link("current", to: "one")
    }
    #expect(scene.told.keys.sorted() == ["current/a.yaml", "current/b.yaml"])
    try scene.folder.link("next", to: "two")
    try scene.folder.move("next", "current")
    #expect(
      try scene.updatesUntilQuiet() == [["+current/a.yaml", "+current/c.yaml", "-current/b.yaml"]])
    try scene.folder.write("two/c.yaml", "v: 2\n")
    #expect(try scene.updates() == [["+current/c.yaml"]])
  }

  @Test func aFileBehindALinkIsFollowed() throws {
    let scene = try Scene { folder in
      try folder.makeDirectory("elsewhere")
      try folder.write("elsewhere/target.txt", "v: 1\n")
      try folder.link("conf/a.yaml", to: "../elsewhere/target.txt")
    }
    #expect(scene.told == ["conf/a.yaml": #"{"v":1}"#])
    try scene.folder.write("elsewhere/target.txt", "v: 2\n")
    #expect(try scene.updates() == [["+conf/a.yaml"]])
    try scene.folder.replace("elsewhere/target.txt", "v: 3\n")
    #expect(try scene.updates() == [["+conf/a.yaml"]])
    #expect(scene.told == ["conf/a.yaml": #"{"v":3}"#])
    #expect(try scene.updatesUntilQuiet() == [])
  }

  @Test func aLinkToNothingKeepsWhatWasReadAndIsReadAgain() throws {
    let scene = try Scene { folder in
      try folder.write("target", "v: 1\n")
      try folder.link("conf/a.yaml", to: "../target")
    }
    try scene.folder.remove("target")
    #expect(try scene.updatesUntilQuiet() == [["+conf/a.yaml"]])
    #expect(scene.told["conf/a.yaml"]?.contains("the link leads nowhere") == true)
    try scene.folder.write("target", "v: 2\n")
    #expect(try scene.updatesUntilQuiet() == [["+conf/a.yaml"]])
    #expect(scene.told == ["conf/a.yaml": #"{"v":2}"#])
  }

  @Test func aDirectoryReachedTwiceIsReadOnceAndLoopsEnd() throws {
    let scene = try Scene { folder in
      try folder.makeDirectory("conf/z/inner")
      try folder.makeDirectory("outside")
      try folder.write("conf/z/1.yaml", "v: 1\n")
      try folder.write("outside/2.yaml", "v: 2\n")
      try folder.link("conf/a", to: "z")
      try folder.link("conf/z/inner/up", to: "../..")
      try folder.link("conf/y", to: "../outside")
      try folder.link("conf/x", to: "../outside")
      try folder.link("outside/back", to: "../conf")
    }
    #expect(scene.told.keys.sorted() == ["conf/x/2.yaml", "conf/z/1.yaml"])
    try scene.folder.remove("conf/x")
    #expect(try scene.updatesUntilQuiet() == [["+conf/y/2.yaml", "-conf/x/2.yaml"]])
  }

  @Test func aPathGivenTwiceIsReadOnce() throws {
    let scene = try Scene(roots: ["conf", "conf/", "conf/a", "conf/a/1.yaml"]) { folder in
      try folder.makeDirectory("conf/a")
      try folder.write("conf/a/1.yaml", "v: 1\n")
    }
    #expect(scene.told.keys.sorted() == ["conf/a/1.yaml"])
  }
}

/// A given path that is not there, or cannot be read, does not empty the mesh.
@Suite struct MissingPathTests {
  @Test func aVanishedDirectoryIsReportedAndKeepsWhatWasRead() throws {
    let scene = try Scene { folder in
      try folder.makeDirectory("conf/a")
      try folder.write("conf/a/1.yaml", "v: 1\n")
      try folder.write("conf/2.yaml", "v: 2\n")
    }
    let told = scene.told
    try scene.folder.remove("conf")
    #expect(try scene.updatesUntilQuiet() == [[]])
    #expect(scene.problems == ["conf: the path does not exist"])
    #expect(scene.told == told)

    try scene.folder.makeDirectory("conf")
    try scene.folder.write("conf/2.yaml", "v: 3\n")
    #expect(try scene.updatesUntilQuiet().flatMap { $0 } == ["+conf/2.yaml", "-conf/a/1.yaml"])
    #expect(scene.problems == [])
    #expect(scene.told == ["conf/2.yaml": #"{"v":3}"#])
    try scene.folder.write("conf/2.yaml", "v: 4\n")
    #expect(try scene.updates() == [["+conf/2.yaml"]])
  }

  @Test func aDirectoryMovedAwayAndBackChangesNothing() throws {
    let scene = try Scene { try $0.write("conf/1.yaml", "v: 1\n") }
    try scene.folder.move("conf", "gone")
    #expect(try scene.updatesUntilQuiet() == [[]])
    #expect(scene.problems == ["conf: the path does not exist"])
    try scene.folder.write("gone/1.yaml", "v: 2\n")
    #expect(try scene.updatesUntilQuiet() == [])
    try scene.folder.move("gone", "conf")
    #expect(try scene.updatesUntilQuiet().flatMap { $0 } == ["+conf/1.yaml"])
    #expect(scene.problems == [])
  }

  @Test func aPathThatComesLaterIsRead() throws {
    let scene = try Scene(roots: ["not/yet/there"])
    #expect(scene.problems == ["not/yet/there: the path does not exist"])
    try scene.folder.makeDirectory("not")
    #expect(try scene.updatesUntilQuiet() == [])
    try scene.folder.makeDirectory("not/yet/there")
    try scene.folder.write("not/yet/there/1.yaml", "v: 1\n")
    #expect(try scene.updatesUntilQuiet().flatMap { $0 } == ["+not/yet/there/1.yaml"])
    #expect(scene.problems == [])
  }

  @Test func aGivenFileIsFollowedAndKeptWhenItVanishes() throws {
    let scene = try Scene(roots: ["a.yaml"]) { try $0.write("a.yaml", "v: 1\n") }
    try scene.folder.write("a.yaml", "v: 2\n")
    #expect(try scene.updates() == [["+a.yaml"]])
    try scene.folder.replace("a.yaml", "v: 3\n")
    #expect(try scene.updates() == [["+a.yaml"]])
    try scene.folder.write("b.yaml", "v: 3\n")
    #expect(try scene.updatesUntilQuiet() == [])
    try scene.folder.remove("a.yaml")
    #expect(try scene.updatesUntilQuiet() == [[]])
    #expect(scene.problems == ["a.yaml: the path does not exist"])
    #expect(scene.told == ["a.yaml": #"{"v":3}"#])
    try scene.folder.write("a.yaml", "v: 4\n")
    #expect(try scene.updatesUntilQuiet().flatMap { $0 } == ["+a.yaml"])
    #expect(scene.problems == [])
  }

  @Test func aPathThatIsALoopOfLinksIsReported() throws {
    let scene = try Scene(roots: ["loop"]) { try $0.link("loop", to: "loop") }
    #expect(
      scene.problems == ["loop: the directory cannot be read: Too many levels of symbolic links"])
    try scene.folder.remove("loop")
    try scene.folder.makeDirectory("loop")
    try scene.folder.write("loop/1.yaml", "v: 1\n")
    #expect(try scene.updatesUntilQuiet().flatMap { $0 } == ["+loop/1.yaml"])
  }

  @Test(arguments: ["conf", "conf/a"])
  func anUnreadableDirectoryIsReportedAndKeepsWhatWasRead(_ directory: String) throws {
    let scene = try Scene { folder in
      try folder.makeDirectory("conf/a")
      try folder.write("conf/a/1.yaml", "v: 1\n")
      try folder.write("conf/2.yaml", "v: 2\n")
    }
    let told = scene.told
    #expect(chmod(scene.path(directory), 0) == 0)
    let updates = try asNobody { try scene.updatesUntilQuiet() }
    #expect(updates == [[]])
    #expect(
      scene.problems == ["\(directory): the directory cannot be read: Permission denied"])
    #expect(scene.told == told)
    #expect(chmod(scene.path(directory), 0o755) == 0)
    #expect(try scene.updatesUntilQuiet() == [[]])
    #expect(scene.problems == [])
    #expect(scene.told == told)
  }

  @Test func anUnreadableFileIsReportedAndReadAgain() throws {
    let scene = try Scene { try $0.write("conf/a.yaml", "v: 1\n") }
    #expect(chmod(scene.path("conf/a.yaml"), 0) == 0)
    let updates = try asNobody { try scene.updates() }
    #expect(updates == [["+conf/a.yaml"]])
    #expect(
      scene.told["conf/a.yaml"]?.contains("the file cannot be read: Permission denied") == true)
    #expect(chmod(scene.path("conf/a.yaml"), 0o644) == 0)
    #expect(try scene.updates() == [["+conf/a.yaml"]])
    #expect(scene.told == ["conf/a.yaml": #"{"v":1}"#])
  }

  /// The kernel keeps so many events and drops the rest: then everything is looked at.
  @Test func droppedEventsAreMadeUpFor() throws {
    let scene = try Scene { folder in
      for name in ["a", "b", "c"] { try folder.write("conf/\(name).yaml", "v: 1\n") }
    }
    let limit = try String(
      contentsOfFile: "/proc/sys/fs/inotify/max_queued_events", encoding: .utf8)
    let events = try #require(Int(limit.trimmingCharacters(in: .whitespacesAndNewlines)))
    for event in 0...events {
      utimes(scene.path("conf/\(event.isMultiple(of: 2) ? "a" : "b").yaml"), nil)
    }
    try scene.folder.write("conf/c.yaml", "v: 2\n")
    try scene.folder.remove("conf/b.yaml")
    try scene.folder.makeDirectory("conf/d")
    try scene.folder.write("conf/d/e.yaml", "v: 3\n")
    #expect(
      try scene.updatesUntilQuiet() == [["+conf/c.yaml", "+conf/d/e.yaml", "-conf/b.yaml"]])
  }

  /// Runs as a user to whom permissions apply, if the tests run as root: for this thread's access to
  /// files only (setfsuid(2)).
  private func asNobody<Result>(_ body: () throws -> Result) throws -> Result {
    guard geteuid() == 0 else { return try body() }
    typealias SetFSUID = @convention(c) (UInt32) -> CInt
    let symbol = try #require(dlsym(nil, "setfsuid"))
    let setfsuid = unsafeBitCast(symbol, to: SetFSUID.self)
    _ = setfsuid(65534)
    defer { _ = setfsuid(0) }
    return try body()
  }
}
