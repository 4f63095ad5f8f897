internal import Diagnostics
internal import Resources

/// A finding about a part of an object. It names the part and not its line, which may move without
/// anything else being different.
struct Remark: Hashable {
  let spot: Spot
  /// The field of the part, as `.subset`; empty for all of it.
  let field: String
  let finding: Finding
  let basis: Basis

  /// What was looked at to find it.
  enum Basis: Hashable {
    /// Istio's own objects alone, which is all that istioctl looks at in files.
    case configuration
    /// Services, pods or Secrets too.
    case surroundings
    /// The mesh's settings.
    case settings
  }

  init(_ spot: Spot, _ field: String, _ finding: Finding, basis: Basis = .configuration) {
    self.spot = spot
    self.field = field
    self.finding = finding
    self.basis = basis
  }

  init(_ spot: Spot, _ finding: Finding, basis: Basis = .configuration) {
    self.init(spot, "", finding, basis: basis)
  }

  func isShown(in breadth: MeshAnalysis.Breadth) -> Bool {
    switch breadth {
    case .everything: true
    case .ofUnknownSettings: basis != .settings
    case .asIstioctlOfFiles: basis == .configuration && finding.code != nil
    case .asIstioctlOfCluster: finding.code != nil
    }
  }

  /// The message about the object as it stands in its file now.
  func diagnostic<Spec: AnalysedSpec>(of object: Object<Spec>) -> Diagnostic {
    let position = object.spec.position(of: spot) ?? .unknown
    let place = position.line == 0 ? object.place : position.place(in: object.place.file)
    return finding.about(spot.text + field, of: object.name, at: place)
  }
}

/// A part of an object that findings are about.
enum Spot: Hashable {
  case whole
  /// A field of the spec by its name.
  case field(String)
  /// An element of a list of the spec: its name, and which.
  case element(String, Int)
  /// A rule's match, destination or the like: the list, the rule, what in it, and which.
  case inRule(RuleList, Int, RulePart)

  enum RuleList: String {
    case http, tls, tcp
  }

  enum RulePart: Hashable {
    case whole
    case match(Int)
    case destination(Int)
    case mirror
    case mirrors(Int)
    case delegate
  }

  /// `http[0].route[1].destination`
  var text: String {
    switch self {
    case .whole: return ""
    case .field(let name): return name
    case .element(let list, let index): return "\(list)[\(index)]"
    case .inRule(let list, let rule, let part):
      let text =
        switch part {
        case .whole: ""
        case .match(let index): ".match[\(index)]"
        case .destination(let index): ".route[\(index)].destination"
        case .mirror: ".mirror"
        case .mirrors(let index): ".mirrors[\(index)].destination"
        case .delegate: ".delegate"
        }
      return "\(list.rawValue)[\(rule)]\(text)"
    }
  }
}

/// A kind that is analysed: it knows where its parts stand.
protocol AnalysedSpec: ResourceSpec {
  /// Nil where only the object's own place is known.
  func position(of spot: Spot) -> SourcePosition?
}

/// Objects that meet in one place: users of a certificate, claims to a host.
enum Crowd {
  /// As many are held against each other; of ten thousand, each against all would be too much.
  static let limit = 256
}

extension Array {
  /// The element of that number, if the list has one.
  subscript(ifThere index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
