internal import Diagnostics
internal import Documents

/// The reading of one object: where in it we are, and what was found wrong so far.
final class Reading {
  let file: String
  /// Known once kind and metadata are.
  var object: ObjectName?
  /// Empty until it is read.
  var metadata = ObjectMeta(name: "")
  /// What Kubernetes counts the object's versions with. No part of most values, which change less often
  /// than the object.
  var resourceVersion: String?
  /// The namespace that relative names in the object are completed with.
  var namespace: String { metadata.namespace }
  /// What other objects have that were read before, to be shared.
  let shared: SharedValues?
  private(set) var diagnostics: [Diagnostic] = []
  private(set) var isRefused = false
  /// How many messages there were beyond the limit.
  private var leftOut = 0
  /// How many there were.
  var saidCount: Int { diagnostics.count + leftOut }
  /// Messages about one object: as many as a user reads.
  static let limit = 100
  /// From the part of the object that fields are named within, to the value being read.
  var path: [Step] = []
  /// Values are secret: messages must not repeat them.
  var hidesValues = false
  /// Field names may also be written as in the .proto files, with underscores.
  var acceptsUnderscores = false
  /// What istiod's validation passes on as errors alone is being read: it warns of nothing in there.
  var dropsWarnings = false
  /// The MeshConfig or MeshNetworks is being read.
  var isOfSettings = false
  /// Set while a type is asked which fields it has; nothing is read then.
  var catalogue: FieldCatalogue?

  init(file: String, object: ObjectName? = nil, sharing shared: SharedValues? = nil) {
    self.file = file
    self.shared = shared
    self.object = object
  }

  /// A step from a value to one inside it.
  enum Step: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    case key(String)
    case index(Int)
    /// Several steps that another reader took, as it writes them.
    case inside(String)

    init(stringLiteral key: String) { self = .key(key) }
    init(integerLiteral index: Int) { self = .index(index) }
  }

  /// Notes `finding` about the value that `steps` lead to from here.
  func report(_ finding: Finding, at steps: [Step], position: Node.Position) {
    guard catalogue == nil else { return }
    if finding.severity == .error { isRefused = true }
    guard diagnostics.count < Self.limit else {
      leftOut += 1
      return
    }
    diagnostics.append(
      (hasCode(finding, steps) ? finding : finding.withoutCode)
        .about(Self.text(path + steps), of: object, at: position.place(in: file)))
  }

  /// istioctl's codes are for what its schema analysis looks at, which leaves the metadata and what is no
  /// object out, and for what istiod warns of.
  private func hasCode(_ finding: Finding, _ steps: [Step]) -> Bool {
    if isOfSettings { return false }
    if case .key("metadata")? = (path + steps).first { return false }
    return !(dropsWarnings && finding.code == .schemaWarning)
  }

  func report(_ diagnostic: Diagnostic) {
    if diagnostic.severity == .error { isRefused = true }
    diagnostics.append(diagnostic)
  }

  /// All there is to say, in the order of the text.
  func conclude() -> [Diagnostic] {
    guard leftOut > 0 else { return diagnostics.sorted() }
    let more = Diagnostic.moreAbout(object, count: leftOut, at: Place(file: file))
    return diagnostics.sorted() + [more]
  }

  func within<Result>(_ step: Step, _ body: () -> Result) -> Result {
    path.append(step)
    defer { path.removeLast() }
    return body()
  }

  /// `http[0].match[1].headers["x.y"]`
  private static func text(_ path: [Step]) -> String {
    path.reduce(into: "") { text, step in
      switch step {
      case .index(let index): text += "[\(index)]"
      case .inside(let path): text += ".\(path)"
      case .key(let key):
        let isPlain =
          !key.isEmpty && key.utf8.allSatisfy { isAlphanumeric($0) || "-_".utf8.contains($0) }
        text += isPlain ? (text.isEmpty ? key : ".\(key)") : "[\"\(key)\"]"
      }
    }
  }

  /// The value as messages show it.
  func shown(_ node: Node) -> String {
    func clipped(_ text: String) -> String {
      text.count > 60 ? text.prefix(60) + "…" : text
    }
    guard !hidesValues else { return node.kindName }
    return switch node.content {
    case .string(let text): "the string \"\(clipped(text))\""
    case .integer(let number): "the number \(number)"
    case .number(let number): "the number \(number)"
    case .bool(let value): "the boolean \(value)"
    case .null, .sequence, .mapping: node.kindName
    }
  }
}

/// The fields that a type asks for, found out by letting it read an empty mapping.
struct FieldCatalogue {
  /// Names at the top, and for each name the names below it.
  private(set) var names: [String] = []
  private(set) var below: [(parent: String, name: String)] = []
  /// What is read, by the fields that lead there; those that are ignored are no part of it.
  private(set) var read: [[String]] = []
  private var parents: [(name: String, isList: Bool)] = []
  private let depth: Int

  /// Parts of parts are asked so far down; a type may have parts of its own type.
  init(depth: Int = 2) { self.depth = depth }

  var mayDescend: Bool { parents.count < depth }

  mutating func note(_ name: String, isRead: Bool = true) {
    if isRead { read.append(parents.map(\.name) + [name]) }
    if parents.isEmpty {
      names.append(name)
    } else {
      let parent = parents.map { $0.isList ? "\($0.name)[]" : $0.name }
      below.append((parent.joined(separator: "."), name))
    }
  }

  mutating func descend(into name: String, isList: Bool) { parents.append((name, isList)) }
  mutating func ascend() { parents.removeLast() }
}
