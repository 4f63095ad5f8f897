import Foundation

/// A module and what it imports of the project's own.
struct Module: Hashable {
  let name: String
  let imports: Set<String>
}

enum ModuleTable {
  /// As Package.swift lists them.
  static let package: [Module] = {
    guard let text = SourceTree.file("Package.swift")?.text,
      let start = text.range(of: "let modules: "), let end = text.range(of: "\n]\n")
    else { return [] }
    let table = SourceFile(
      path: "Package.swift", text: String(text[start.upperBound..<end.lowerBound]))
    let row = #"\(\s*"(\w+)",\s*\[[^\]]*\]\s*\)"#
    return zip(table.captures(row), table.captures(#"\(\s*"\w+",\s*\[([^\]]*)\]\s*\)"#)).map {
      Module(name: $0, imports: words($1))
    }
  }()

  /// As Sources/README.md lists them: `| Name | imports, … | what for |`.
  static let map: [Module] = {
    guard let text = SourceTree.file("Sources/README.md") else { return [] }
    return zip(
      text.captures(#"^\| `(\w+)` \| [^|]*\|"#), text.captures(#"^\| `\w+` \| ([^|]*)\|"#)
    ).map { Module(name: $0, imports: words($1)) }
  }()

  /// The project's C targets: one folder each.
  static let cLibraries: Set<String> = Set(
    SourceTree.tracked.filter {
      $0.path.hasPrefix("Sources/C")
        && ($0.name == "module.modulemap" || $0.name.hasSuffix(".h"))
    }.map(\.module))

  /// What the files of a module import of the project.
  static func imports(of module: String) -> Set<String> {
    let ours = Set(package.map(\.name)).union(cLibraries)
    let files = SourceTree.sources.filter { $0.module == module }
    return Set(files.flatMap { $0.captures(#"^\s*(?:\w+ )?import (\w+)"#) }).intersection(ours)
  }

  private static func words(_ text: String) -> Set<String> {
    Set(text.split { !($0.isLetter || $0.isNumber) }.map(String.init))
  }
}
