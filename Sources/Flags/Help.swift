extension Command {
  /// What `--help` prints: what it does, what may be typed, each flag, an example to copy.
  package func help(program: String) -> String {
    let rows =
      (operands.map { [($0.placeholder, $0.summary)] } ?? [])
      + flags.filter { !$0.summary.isEmpty }.map { flag in
        ([flag.name, flag.placeholder].compactMap { $0 }.joined(separator: " "), flag.summary)
      }
    let usage = [program, name, synopsis].filter { !$0.isEmpty }.joined(separator: " ")
    let examples = examples.map { "  \(program) \(name) \($0)".trimmingTrailingSpace + "\n" }
    return "\(summary)\n\n  \(usage)\n"
      + (rows.isEmpty ? "" : "\n\(helpTable(rows))")
      + "\n\(examples.count == 1 ? "Example" : "Examples"):\n\(examples.joined())"
  }
}

/// Two columns; what is too long for the first stands on a line of its own.
package func helpTable(_ rows: [(left: String, right: String)]) -> String {
  let width = min(28, rows.map(\.left.count).max() ?? 0)
  return rows.map { left, right in
    let lines = right.split(separator: "\n").map(String.init)
    let indent = String(repeating: " ", count: width + 4)
    let first =
      left.count > width
      ? "  \(left)\n\(indent)"
      : "  \(left)\(String(repeating: " ", count: width + 2 - left.count))"
    return first + lines.joined(separator: "\n\(indent)") + "\n"
  }.joined()
}

extension String {
  fileprivate var trimmingTrailingSpace: String {
    String(self[..<(lastIndex { $0 != " " }.map { index(after: $0) } ?? startIndex)])
  }
}
