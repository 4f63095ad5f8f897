internal import EnvoyAPI
internal import Incremental
internal import Mesh
internal import Resources
internal import Segments
internal import Store

/// A route as nearly all are: requests for a path go to one service, and nothing else is said. Such
/// routes differ in names.
struct PlainRoute {
  /// All that is not a name.
  struct Kind: Digested {
    let settings: RouteSettings
    let path: Path
    /// Of the service.
    let port: Int

    var digest: UInt64 {
      UInt64(UInt(bitPattern: ObjectIdentifier(settings)))
        .mixed(with: UInt64(truncatingIfNeeded: port) << 8 | UInt64(path.rawValue))
    }
    func hash(into hasher: inout Hasher) { hasher.combine(digest) }
  }

  enum Path: UInt8 {
    case any, exact, prefix, regex
  }

  /// Which names there are.
  private enum Text {
    static let namespace = 0
    static let virtualService = 1
    static let host = 2
    static let subset = 3
    static let path = 4
  }

  private let settings: RouteSettings
  private let port: Int
  private(set) var kind: Kind
  private(set) var texts: [String]

  /// Nil where the cluster is not that of a service, or has a name that no message takes as it is.
  init?(_ settings: RouteSettings, from virtualService: NamespacedName, to cluster: ClusterName) {
    guard case .outbound(let port, let subset, let host) = cluster else { return nil }
    self.settings = settings
    self.port = port
    kind = Kind(settings: settings, path: .any, port: port)
    texts = [virtualService.namespace, virtualService.name, host, subset, ""]
    guard texts.allSatisfy(Envoy.takesAsItIs) else { return nil }
  }

  var takesPathAsItIs: Bool { Envoy.takesAsItIs(texts[Text.path]) }

  /// From now on it is for requests with this path.
  mutating func take(_ uri: StringMatch?) {
    let (path, text): (Path, String) =
      switch uri {
      case nil, .present: (.any, "")
      case .exact(let text): (.exact, text)
      case .prefix(let text): (.prefix, text)
      case .regex(let text): (.regex, text)
      }
    kind = Kind(settings: settings, path: path, port: port)
    texts[Text.path] = text
  }

  // MARK: Another of the kind, with other names

  static func virtualService(_ texts: [String]) -> NamespacedName {
    NamespacedName(namespace: texts[Text.namespace], name: texts[Text.virtualService])
  }

  static func destination(_ kind: Kind, _ texts: [String]) -> Destination {
    Destination(host: texts[Text.host], subset: texts[Text.subset], port: kind.port)
  }

  static func cluster(_ kind: Kind, _ texts: [String]) -> ClusterName {
    .outbound(port: kind.port, subset: texts[Text.subset], host: texts[Text.host])
  }

  static func rule(_ kind: Kind, _ texts: [String]) -> HTTPRule? {
    let uri: StringMatch? =
      switch kind.path {
      case .any: nil
      case .exact: .exact(texts[Text.path])
      case .prefix: .prefix(texts[Text.path])
      case .regex: .regex(texts[Text.path])
      }
    return HTTPRule(
      HTTPRoute(
        matches: [HTTPMatchRequest(uri: uri)],
        action: .route([HTTPRouteDestination(destination: destination(kind, texts))])))
  }
}
