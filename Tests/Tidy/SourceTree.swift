import Foundation

/// The project's own text, as the tidy tests read it.
struct SourceFile {
  /// From the package's root: `Sources/Linux/Epoll.swift`.
  let path: String
  let text: String

  var name: String { String(path.split(separator: "/").last ?? "") }
  /// `Sources` or `Tests`, then the module's folder.
  var parts: [Substring] { path.split(separator: "/") }
  var module: String { String(parts[1]) }
  var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }

  /// `path:line: text` for each line on which the pattern is found.
  func findings(_ pattern: String) -> [String] {
    matches(of: pattern).map { match in
      let before = text.utf16.prefix(match.range.location)
      let line = before.count { $0 == 10 }
      return "\(path):\(line + 1): \(lines[line].trimmingCharacters(in: .whitespaces))"
    }
  }

  /// What the pattern's first group holds, match by match.
  func captures(_ pattern: String) -> [String] {
    matches(of: pattern).compactMap { Range($0.range(at: 1), in: text).map { String(text[$0]) } }
  }

  private func matches(of pattern: String) -> [NSTextCheckingResult] {
    do {
      let regex = try NSRegularExpression(pattern: pattern, options: .anchorsMatchLines)
      return regex.matches(in: text, range: NSRange(location: 0, length: text.utf16.count))
    } catch { preconditionFailure("the patterns of these tests are regular expressions: \(error)") }
  }
}

enum SourceTree {
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// Every file git would hand to someone who clones the project, read as text where it is text.
  static let tracked: [SourceFile] = {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["git", "-C", root.path, "ls-files", "-z", "-co", "--exclude-standard"]
    process.standardOutput = output
    do { try process.run() } catch { preconditionFailure("git runs here: \(error)") }
    let names = output.fileHandleForReading.readDataToEndOfFile().split(separator: 0)
    process.waitUntilExit()
    let files = names.map { String(decoding: $0, as: UTF8.self) }.sorted().compactMap(file)
    precondition(files.count > 50, "the project has more than 50 files; git listed \(files.count)")
    return files
  }()

  /// Nil for a file that was deleted, or is no text.
  static func file(_ path: String) -> SourceFile? {
    guard let bytes = FileManager.default.contents(atPath: root.appending(path: path).path),
      let text = String(data: bytes, encoding: .utf8)
    else { return nil }
    return SourceFile(path: path, text: text)
  }

  static let swift = tracked.filter { $0.name.hasSuffix(".swift") }
  static let sources = swift.filter { $0.path.hasPrefix("Sources/") }
  /// What these tests look for stands in their own text, too.
  static let written = swift.filter { !$0.path.hasPrefix("Tests/Tidy/") }
}
