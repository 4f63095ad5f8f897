internal import Documents

/// Which kinds a server has definitions of (CustomResourceDefinitions), as far as it tells: a kind that
/// is not there is asked for when its definition comes, not again and again.
struct Definitions {
  /// Their names are those of the kinds: `virtualservices.networking.istio.io`.
  static let resource = APIResource(
    group: "apiextensions.k8s.io", versions: ["v1"], kind: "CustomResourceDefinition",
    plural: "customresourcedefinitions",
    fields: .only([
      .init("apiVersion"), .init("kind"),
      .init("metadata", .only([.init("name"), .init("resourceVersion")])),
    ]), contents: .metadata)

  /// By origin.
  private var names: [String: String] = [:]

  /// Takes what following them told; answers which have come, or are others than before.
  mutating func take(_ changes: [KindFollower.Change]) -> Set<String> {
    var come: Set<String> = []
    for change in changes {
      switch change {
      case .put(let origin, let root):
        guard let name = root["metadata"]?["name"]?.text else { continue }
        names[origin] = name
        come.insert(name)
      case .remove(let origin): names[origin] = nil
      }
    }
    return come
  }

  /// What is known of each kind's definition while they are followed like that.
  func standing(of kinds: [String], _ condition: KindState.Condition) -> [KindDefinition] {
    guard condition == .current else { return kinds.map { _ in .unknown } }
    let names = Set(names.values)
    return kinds.map { names.contains($0) ? .present : .missing }
  }
}

/// What a server says of a kind's definition.
enum KindDefinition {
  /// It does not let us read definitions, or has not told yet.
  case unknown
  case present
  /// There is none: a kind of the server's own, or one that is not there.
  case missing
}
