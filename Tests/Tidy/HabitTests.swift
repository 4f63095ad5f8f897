import Testing

/// The cheap habits: what a machine can hold, so that nobody has to remember.
@Suite struct HabitTests {
  @Test func filesHaveAtMost500Lines() {
    for file in SourceTree.tracked where Self.isWritten(file) {
      #expect(file.lines.count <= 501, "\(file.path) has \(file.lines.count - 1) lines")
    }
  }

  @Test func functionsHaveAtMost70Lines() {
    for file in SourceTree.swift {
      for function in Self.functions(of: file) {
        #expect(function.lines <= 70, "\(file.path):\(function.start) has \(function.lines) lines")
      }
    }
  }

  @Test func namesSayWhatAThingIs() {
    let empty =
      "Manager Helper Helpers Util Utils Handler Processor Info Data Base Impl Common Misc "
      + "Wrapper New Old"
    let banned = Set(empty.split(separator: " ").map(String.init))
    for file in SourceTree.swift {
      let types = file.captures(#"\b(?:struct|class|enum|protocol|actor|typealias) (\w+)"#)
      let stem = file.name.split(separator: ".")[0]
      for name in types + stem.split(separator: "+").map(String.init) {
        let domainless = Self.envoysOwn.reduce(name) { $0.replacing($1, with: "") }
        #expect(Self.words(of: domainless).isDisjoint(with: banned), "\(name) in \(file.path)")
      }
    }
  }

  @Test(arguments: [
    #"^\s*(?:@\w+ )*open "#, "@_exported", #"\b(?:TODO|FIXME|XXX)\b"#, #"\btry!"#,
    #"\bcatch\s*(?:let \w+ )?\{\s*\}"#, #"\bTask\.sleep\b"#, #"\bDispatchQueue\b"#,
    #"\b(?:u?sleep|Thread\.sleep)\("#,
  ])
  func isNowhere(_ pattern: String) {
    for file in SourceTree.written { #expect(file.findings(pattern) == []) }
  }

  /// Nobody imports us. Incremental's generic code is public because Swift makes it for the types it is
  /// used with only then.
  @Test func onlyGenericCodeThatIsUsedAcrossModulesIsPublic() {
    for file in SourceTree.sources where file.module != "Incremental" {
      #expect(file.findings(#"^\s*(?:@\w+ )*public "#) == [])
    }
  }

  /// Time, chance, threads and the environment come in as arguments there, or the same input would
  /// not give the same bytes.
  @Test func whatLiesBetweenDocumentsAndDeliveryIsPure() {
    let impure =
      #"\b(?:async|await|Mutex|Lock|Atomic|ContinuousClock|SuspendingClock|getenv|ProcessInfo|"#
      + #"SystemRandomNumberGenerator|Task|hashValue)\b|\.random\(|\.shuffled\(|Date\(\)"#
    for file in SourceTree.sources where Self.pureModules.contains(file.module) {
      #expect(file.findings(#"^(?!\s*//).*(?:\#(impure))"#) == [])
    }
  }

  @Test func whatLiesBetweenDocumentsAndTheCompilerThrowsNothing() {
    for file in SourceTree.sources
    where Self.pureModules.subtracting(["Delivery"]).contains(file.module) {
      #expect(file.findings(#"^\s*package .*\bthrows\b"#) == [])
    }
  }

  @Test func onlyThreadsShareWithoutTheCompilersProof() {
    for file in SourceTree.sources
    where !["Linux", "Transport", "ControlPlane"].contains(file.module) {
      #expect(file.findings(#"@unchecked Sendable|nonisolated\(unsafe\)"#) == [])
    }
  }

  /// Pointers stay where a C library or the kernel is: everywhere else the compiler's checks hold.
  @Test func unsafeExpressionsStandBesideAnImportOfC() {
    let touchC = ModuleTable.package.filter { !$0.imports.isDisjoint(with: ModuleTable.cLibraries) }
    for file in SourceTree.sources where !touchC.map(\.name).contains(file.module) {
      #expect(file.findings(#"^(?!\s*//).*\bunsafe "#) == [])
    }
  }

  /// Words of the domain that hold a banned one.
  static let envoysOwn = ["ConnectionManager"]

  static let pureModules: Set<String> = [
    "Diagnostics", "Documents", "Resources", "Incremental", "Segments", "Store", "Mesh",
    "Analysis", "EnvoyAPI", "Compiler", "Delivery",
  ]

  /// Fetched or recorded text may be as long as it is.
  static func isWritten(_ file: SourceFile) -> Bool {
    [".swift", ".py", ".sh", ".c", ".cpp", ".h", ".md"].contains { file.name.hasSuffix($0) }
  }

  static func words(of name: String) -> Set<String> {
    var words: [String] = []
    for letter in name {
      if letter.isUppercase || words.isEmpty { words.append("") }
      words[words.count - 1].append(letter)
    }
    return Set(words)
  }

  /// swift-format puts a function's closing brace below its first letter, which is all that has to
  /// be known of Swift here.
  static func functions(of file: SourceFile) -> [(start: Int, lines: Int)] {
    let lines = file.lines
    return lines.indices.compactMap { start in
      let line = lines[start]
      let indent = line.prefix { $0 == " " }
      let words = line.split { $0 == " " || $0 == "(" || $0 == "<" || $0 == "?" }
      guard let keyword = words.first(where: { ["func", "init", "deinit"].contains($0) }),
        words.prefix(while: { $0 != keyword }).allSatisfy(Self.isModifier),
        let end = lines[start...].firstIndex(where: { $0.hasPrefix(indent + "}") }),
        // A body on the line itself, or a requirement of a protocol, has no brace of its own below.
        !line.hasSuffix("}"), lines[start...end].contains(where: { $0.hasSuffix("{") })
      else { return nil }
      return (start + 1, end - start + 1)
    }
  }

  private static func isModifier(_ word: Substring) -> Bool {
    word.hasPrefix("@")
      || [
        "package", "private", "fileprivate", "static", "mutating", "borrowing", "consuming",
        "nonmutating", "override", "final", "convenience", "nonisolated",
      ].contains(word)
  }
}
