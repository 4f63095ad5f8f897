internal import Diagnostics
internal import Documents

/// One object as the server sent it, as far as following it needs to know.
struct ListedObject {
  let origin: String
  let resourceVersion: String
  let labels: Node?
  /// With apiVersion and kind, which lists leave out and watches tell.
  let root: Node

  /// Nil for what is no object with a name.
  init?(_ node: Node, of resource: APIResource, version: String) {
    guard node.isMapping, let metadata = node["metadata"], metadata.isMapping,
      let name = metadata["name"]?.text, !name.isEmpty
    else { return nil }
    origin = resource.origin(namespace: metadata["namespace"]?.text ?? "", name: name)
    resourceVersion = metadata["resourceVersion"]?.text ?? ""
    labels = metadata["labels"]
    root =
      node["kind"]?.isText(resource.kind) == true
        && node["apiVersion"]?.isText(resource.apiVersion(version)) == true
      ? node
      : ListedObject.completed(
        node, metadata, apiVersion: resource.apiVersion(version), kind: resource.kind)
  }

  private static func completed(
    _ node: Node, _ metadata: Node, apiVersion: String, kind: String
  ) -> Node {
    let rest = (node.mapping?.entries ?? []).filter {
      $0.key != "apiVersion" && $0.key != "kind" && $0.key != "metadata"
    }
    return Node(
      .mapping(
        [
          .init(key: "apiVersion", value: Node(.string(apiVersion))),
          .init(key: "kind", value: Node(.string(kind))),
          .init(key: "metadata", value: metadata),
        ] + rest))
  }

  /// Whether the object is for control planes of this revision (pkg/config/labels of Istio's).
  func isIn(revision: String) -> Bool {
    guard let wanted = labels?["istio.io/rev"]?.text else { return true }
    return wanted == revision
  }
}

/// One page of a list.
struct ListPage {
  let items: [Node]
  let resourceVersion: String
  /// Where the next page begins; nil for the last.
  let next: String?

  /// Nil for what is no list: a version and items, null for none, are what makes one.
  init?(_ root: Node) {
    guard let version = root["metadata"]?["resourceVersion"]?.text, let list = root["items"] else {
      return nil
    }
    switch list.content {
    case .sequence(let items): self.items = items
    case .null: items = []
    default: return nil
    }
    resourceVersion = version
    next = root["metadata"]?["continue"]?.text.flatMap { $0.isEmpty ? nil : $0 }
  }
}

/// One line of a watch.
enum WatchEvent {
  case put(Node)
  case deleted(Node)
  /// Everything up to this version has been told; whether what was there at the start has been, too.
  case bookmark(resourceVersion: String, endsInitialEvents: Bool)
  case failed(ServerStatus)

  /// Nil for what is no event.
  init?(_ line: Node) {
    guard let type = line["type"]?.text, let object = line["object"], object.isMapping else {
      return nil
    }
    switch type {
    case "ADDED", "MODIFIED": self = .put(object)
    case "DELETED": self = .deleted(object)
    case "BOOKMARK":
      guard let version = object["metadata"]?["resourceVersion"]?.text else { return nil }
      let end = object["metadata"]?["annotations"]?["k8s.io/initial-events-end"]?.text
      self = .bookmark(resourceVersion: version, endsInitialEvents: end == "true")
    case "ERROR": self = .failed(ServerStatus(object))
    default: return nil
    }
  }
}

/// What a server says it is: Kubernetes 1.34, or "34+" where someone has built it differently.
struct ServerVersion {
  private let major: Int
  private let minor: Int

  init(_ root: Node) {
    func number(_ field: String) -> Int {
      Int(root[field]?.text?.prefix { $0.isNumber } ?? "") ?? 0
    }
    major = number("major")
    minor = number("minor")
  }

  /// Whether a watch may begin with all there is (KEP-3157, on by default since 1.32).
  var streamsLists: Bool { (major, minor) >= (1, 32) }
}

/// What a server says went wrong: a `Status` object.
struct ServerStatus: Hashable {
  let code: Int
  let message: String
  let retryAfterSeconds: Int?

  init(code: Int, message: String, retryAfterSeconds: Int? = nil) {
    self.code = code
    self.message = message
    self.retryAfterSeconds = retryAfterSeconds
  }

  init(_ node: Node) {
    code = node["code"]?.integer ?? 0
    // It goes into log lines and pages: one line of bounded length.
    let text = node["message"]?.text ?? node["reason"]?.text ?? "no reason"
    message = text.onOneLine(atMost: 300)
    retryAfterSeconds = node["details"]?["retryAfterSeconds"]?.integer
  }
}

extension Node {
  var text: String? { text(sharing: nil) }

  var integer: Int? {
    if case .integer(let number) = content { Int(number) } else { nil }
  }
}
