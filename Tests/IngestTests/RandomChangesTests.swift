import Foundation
import TestSupport
import Testing

@testable import Ingest

/// However files come and go, once it is quiet what was told is what is there.
@Suite struct RandomChangesTests {
  @Test(arguments: UInt64(0)..<40) func whatWasToldIsWhatIsThere(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let scene = try Scene(roots: ["conf", "more/conf"]) { try $0.makeDirectory("more/conf") }
    for step in 1...30 {
      var log: [String] = []
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        log.append(try Change.random(step: step, using: &random).apply(in: scene.folder))
        if Int.random(in: 0..<3, using: &random) == 0 {
          let pause = [0, 10, 60, 150].randomElement(using: &random)!
          scene.pass(.milliseconds(pause))
          log.append("\(pause) ms: \(try scene.updates())")
        }
      }
      log.append("\(try scene.updatesUntilQuiet())")
      let fresh = scene.fresh()
      let isSame = try scene.comesToTell(fresh)
      try #require(
        isSame,
        """
        seed \(seed), step \(step): \(log.joined(separator: "; "))
        told: \(scene.told.sorted { $0 < $1 })
        there: \(fresh.sorted { $0 < $1 })
        """)
      #expect(try scene.updatesUntilQuiet() == [], "seed \(seed), step \(step)")
    }
  }
}

/// One thing someone does below the folder; where it is not possible, nothing happens.
private enum Change {
  case write(String, String)
  case replace(String, String)
  case append(String, String)
  case remove(String)
  case move(String, String)
  case makeDirectory(String)
  case link(String, to: String)
  case touch(String)

  static func random(step: Int, using random: inout SeededRandom) -> Change {
    let (one, other) = (path(using: &random), path(using: &random))
    let text = "v: \([1, 2, step].randomElement(using: &random)!)\n"
    switch Int.random(in: 0..<19, using: &random) {
    case 0...4: return .write(one + file(using: &random), text)
    case 5...7: return .replace(one + file(using: &random), text)
    case 8: return .append(one + file(using: &random), "w\(step): 1\n")
    case 9, 10: return .remove(one + file(using: &random))
    case 11: return .remove(one)
    case 12: return .move(one + file(using: &random), other + file(using: &random))
    case 13: return .move(one, other)
    case 14, 15: return .makeDirectory(one)
    case 16: return .link(one + file(using: &random), to: other + file(using: &random))
    case 17: return .link(one, to: other)
    default: return .touch(one + file(using: &random))
    }
  }

  /// Directories, a few that nest and one that is outside; never the given ones themselves.
  private static func path(using random: inout SeededRandom) -> String {
    [
      "conf/a", "conf/b", "conf/a/c", "conf/..data", "conf/b/d", "more/conf/a", "outside",
      "outside/a",
    ].randomElement(using: &random)!
  }

  private static func file(using random: inout SeededRandom) -> String {
    ["/1.yaml", "/2.json", "/x.yaml~", "/.h.yaml", "/../3.yaml"].randomElement(using: &random)!
  }

  func apply(in folder: URL) throws -> String {
    switch self {
    case .write(let path, let text): try? folder.write(path, text)
    case .replace(let path, let text): try? folder.replace(path, text)
    case .append(let path, let text):
      let handle = FileHandle(forWritingAtPath: folder.appending(path: path).path)
      _ = try? handle?.seekToEnd()
      try? handle?.write(contentsOf: Data(text.utf8))
      try? handle?.close()
    case .remove(let path): try? folder.remove(path)
    case .move(let from, let to): try? folder.move(from, to)
    case .makeDirectory(let path): try? folder.makeDirectory(path)
    case .link(let path, let target):
      try? folder.link(path, to: folder.appending(path: target).path)
    case .touch(let path): utimes(folder.appending(path: path).path, nil)
    }
    return "\(self)"
  }
}
