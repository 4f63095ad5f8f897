/// Whether a text is an expression of CEL, as cel-go's parser with the standard macros judges
/// (cel-spec `doc/langdef.md`, cel-go `parser/gen/CEL.g4`).
///
/// Not here, on purpose: types. Which attributes there are is known to Envoy alone.
enum CELExpression {
  /// What is wrong with the text; nil for an expression.
  static func mistake(in text: String) -> String? {
    switch judged(text) {
    case .success: nil
    case .failure(let mistake): mistake.sentence
    }
  }

  /// What is in an expression that Envoy's filters of access logs do not know; nil where they take it.
  static func foreignPart(of text: String) -> String? {
    switch judged(text) {
    case .success(let part): part
    case .failure: nil
    }
  }

  private static func judged(_ text: String) -> Result<String?, Mistake> {
    guard text.unicodeScalars.count <= maximalLength else {
      return .failure(Mistake(sentence: "it is longer than \(maximalLength) characters"))
    }
    do throws(Mistake) {
      var parser = Parser(tokens: try ExpressionToken.all(in: Array(text.utf8)))
      try parser.whole()
      return .success(parser.foreignPart)
    } catch {
      return .failure(error)
    }
  }

  private static let maximalLength = 100_000

  struct Mistake: Error {
    let sentence: String
  }

  /// As much of an expression as macros look at.
  private enum Shape {
    case identifier(String)
    /// `a.b`; whether all of it are names, which may be those of a message.
    case selection(isName: Bool)
    /// A text without escapes.
    case text(String)
    case other

    var isName: Bool {
      switch self {
      case .identifier: true
      case .selection(let isName): isName
      case .text, .other: false
      }
    }

    /// Parentheses are no part of a syntax tree; only a message's name cannot have them.
    var parenthesized: Shape {
      switch self {
      case .identifier, .text, .other: self
      case .selection: .selection(isName: false)
      }
    }
  }

  private struct Parser {
    private let tokens: [ExpressionToken]
    private var position = 0
    private var depth = 0
    private(set) var foreignPart: String?
    private static let maximalDepth = 250

    init(tokens: [ExpressionToken]) { self.tokens = tokens }

    mutating func whole() throws(Mistake) {
      _ = try expression()
      if let token = next { throw Mistake(sentence: "unexpected \(token.shown)") }
    }

    // MARK: Operators

    private mutating func expression() throws(Mistake) -> Shape {
      depth += 1
      defer { depth -= 1 }
      guard depth <= Self.maximalDepth else {
        throw Mistake(sentence: "it is nested more than \(Self.maximalDepth) deep")
      }
      let condition = try disjunction()
      guard take("?") else { return condition }
      _ = try disjunction()
      try expect(":")
      _ = try expression()
      return .other
    }

    private mutating func disjunction() throws(Mistake) -> Shape {
      var shape = try conjunction()
      while take("||") {
        _ = try conjunction()
        shape = .other
      }
      return shape
    }

    private mutating func conjunction() throws(Mistake) -> Shape {
      var shape = try relation()
      while take("&&") {
        _ = try relation()
        shape = .other
      }
      return shape
    }

    private mutating func relation() throws(Mistake) -> Shape {
      var shape = try sum()
      while takeAny("<", "<=", ">=", ">", "==", "!=", "in") {
        _ = try sum()
        shape = .other
      }
      return shape
    }

    private mutating func sum() throws(Mistake) -> Shape {
      var shape = try product()
      while takeAny("+", "-") {
        _ = try product()
        shape = .other
      }
      return shape
    }

    private mutating func product() throws(Mistake) -> Shape {
      var shape = try unary()
      while takeAny("*", "/", "%") {
        _ = try unary()
        shape = .other
      }
      return shape
    }

    private mutating func unary() throws(Mistake) -> Shape {
      if take("!") {
        while take("!") {}
        _ = try member(isNegative: false)
        return .other
      }
      guard take("-") else { return try member(isNegative: false) }
      while take("-") {}
      _ = try member(isNegative: true)
      return .other
    }

    // MARK: Members

    private mutating func member(isNegative: Bool) throws(Mistake) -> Shape {
      var shape = try primary(isNegative: isNegative)
      while true {
        if take(".") {
          let name = try identifier()
          if take("(") {
            try checkMacro(name, try arguments(), onReceiver: true)
            shape = .other
          } else {
            shape = .selection(isName: shape.isName)
          }
        } else if take("[") {
          _ = try expression()
          try expect("]")
          shape = .other
        } else if shape.isName, take("{") {
          try fields()
          foreignPart = foreignPart ?? "messages"
          shape = .other
        } else {
          return shape
        }
      }
    }

    private mutating func primary(isNegative: Bool) throws(Mistake) -> Shape {
      guard let token = next else { throw Mistake(sentence: "it ends where a value belongs") }
      position += 1
      switch token {
      case .integer(let digits, let radix):
        let limit = UInt64(Int64.max) + (isNegative ? 1 : 0)
        guard let value = UInt64(digits, radix: radix), value <= limit else {
          throw Mistake(sentence: "\(token.shown) is too large for a whole number")
        }
        return .other
      case .unsigned(let digits, let radix):
        guard UInt64(digits, radix: radix) != nil else {
          throw Mistake(sentence: "\(token.shown) is too large for a whole number")
        }
        return .other
      case .literal: return .other
      case .text(let text): return .text(text)
      case .identifier(let name): return try named(name)
      case .symbol("."): return try named(try identifier())
      case .symbol("("):
        let shape = try expression()
        try expect(")")
        return shape.parenthesized
      case .symbol("["):
        try list(until: "]") { parser throws(Mistake) in _ = try parser.expression() }
        return .other
      case .symbol("{"):
        try list(until: "}") { parser throws(Mistake) in
          _ = try parser.expression()
          try parser.expect(":")
          _ = try parser.expression()
        }
        return .other
      case .symbol: throw Mistake(sentence: "unexpected \(token.shown)")
      }
    }

    /// A name, or a call of a function by it.
    private mutating func named(_ name: String) throws(Mistake) -> Shape {
      guard !Self.reserved.contains(name) else {
        throw Mistake(sentence: "\"\(name)\" is reserved")
      }
      guard take("(") else { return .identifier(name) }
      try checkMacro(name, try arguments(), onReceiver: false)
      return .other
    }

    private mutating func arguments() throws(Mistake) -> [Shape] {
      guard !take(")") else { return [] }
      var shapes = [try expression()]
      while take(",") { shapes.append(try expression()) }
      try expect(")")
      return shapes
    }

    /// The fields of a message.
    private mutating func fields() throws(Mistake) {
      try list(until: "}") { parser throws(Mistake) in
        _ = try parser.identifier()
        try parser.expect(":")
        _ = try parser.expression()
      }
    }

    /// Elements with commas between them, and maybe one behind the last.
    private mutating func list(
      until end: String, _ element: (inout Parser) throws(Mistake) -> Void
    ) throws(Mistake) {
      guard !take(end) else { return }
      if take(",") {
        try expect(end)
        return
      }
      try element(&self)
      while take(",") {
        if take(end) { return }
        try element(&self)
      }
      try expect(end)
    }

    private mutating func checkMacro(
      _ name: String, _ arguments: [Shape], onReceiver: Bool
    ) throws(Mistake) {
      let call = EnvoyFunctions.Call(
        name: name, argumentCount: arguments.count, isOnReceiver: onReceiver)
      if foreignPart == nil, !EnvoyFunctions.knows(call) { foreignPart = "\(name)()" }
      switch (name, arguments.count, onReceiver) {
      case ("matches", 1, true), ("matches", 2, false):
        guard case .text(let pattern)? = arguments.last else { break }
        if foreignPart == nil, !pattern.isEmpty, regexFinding(pattern) != nil {
          foreignPart = "the pattern \"\(pattern)\""
        }
      case ("has", 1, false):
        guard case .selection = arguments[0] else {
          throw Mistake(sentence: "has() takes a field, as in has(a.b)")
        }
      case ("all", 2, true), ("exists", 2, true), ("exists_one", 2, true),
        ("existsOne", 2, true), ("filter", 2, true), ("map", 2, true), ("map", 3, true):
        guard case .identifier(let variable) = arguments[0], variable != "__result__" else {
          throw Mistake(sentence: "the first argument of \(name)() must be the name of a variable")
        }
      case _: break
      }
    }

    // MARK: Tokens

    private var next: ExpressionToken? { position < tokens.count ? tokens[position] : nil }

    private mutating func take(_ symbol: String) -> Bool { takeAny(symbol) }

    private mutating func takeAny(_ symbols: String...) -> Bool {
      guard case .symbol(let found)? = next, symbols.contains(found) else { return false }
      position += 1
      return true
    }

    private mutating func expect(_ symbol: String) throws(Mistake) {
      guard !take(symbol) else { return }
      throw Mistake(
        sentence: next.map { "found \($0.shown) where \"\(symbol)\" belongs" }
          ?? "it ends where \"\(symbol)\" belongs")
    }

    private mutating func identifier() throws(Mistake) -> String {
      guard case .identifier(let name)? = next else {
        throw Mistake(
          sentence: next.map { "found \($0.shown) where a name belongs" }
            ?? "it ends where a name belongs")
      }
      position += 1
      return name
    }

    private static let reserved: Set = [
      "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop",
      "package", "namespace", "return", "var", "void", "while",
    ]
  }
}
