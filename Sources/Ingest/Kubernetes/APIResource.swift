package import Documents

/// A kind of object as an API server serves it.
package struct APIResource: Hashable, Sendable {
  /// Empty for the core group.
  package let group: String
  /// The first that the server serves is followed.
  package let versions: [String]
  package let kind: String
  /// As it stands in URLs: `virtualservices`.
  package let plural: String
  /// Whether only objects of our own revision count, and those that name none.
  package let isRevisioned: Bool
  /// Which objects the server is asked for; nil for all.
  package let fieldSelector: String?
  /// The namespace that is enough where the server refuses those of all.
  package let sufficientNamespace: String?
  /// Whether it decides what counts of other kinds: asked for before those.
  package let leads: Bool
  package let contents: Contents

  /// Whether objects are listed whole.
  package enum Contents: Hashable, Sendable {
    case listed
    /// Their metadata is listed, and all that is told.
    case metadata
    /// Their metadata is listed; those that somebody refers to are read one by one, and only they are
    /// told.
    case onDemand
    /// As above. That there are others is told too, with this as the object's `type`.
    case onDemandElse(type: String)

    /// Whether some objects are read one by one.
    var isOnDemand: Bool {
      switch self {
      case .onDemand, .onDemandElse: true
      case .listed, .metadata: false
      }
    }
  }
  /// What is read of an object.
  package let fields: FieldSelection
  /// Its texts are told to nobody and kept nowhere but in the object.
  package let isSecret: Bool
  /// As kubectl spells it: `virtualservices.networking.istio.io`, `pods`.
  package let name: String
  /// What is read of a page of a list, and of an event of a watch.
  let fieldsOfList: FieldSelection
  let fieldsOfEvent: FieldTable
  private let apiVersions: [String]

  package init(
    group: String, versions: [String], kind: String, plural: String, isRevisioned: Bool = false,
    fieldSelector: String? = nil, sufficientNamespace: String? = nil,
    leads: Bool = false, fields: FieldSelection = .all, isSecret: Bool = false,
    contents: Contents = .listed
  ) {
    precondition(!versions.isEmpty, "a kind is served in some version")
    self.group = group
    self.versions = versions
    self.kind = kind
    self.plural = plural
    self.isRevisioned = isRevisioned
    self.fieldSelector = fieldSelector
    self.sufficientNamespace = sufficientNamespace
    self.leads = leads
    self.contents = contents
    self.fields = fields
    self.isSecret = isSecret
    name = group.isEmpty ? plural : "\(plural).\(group)"
    apiVersions = group.isEmpty ? versions : versions.map { "\(group)/\($0)" }
    fieldsOfList = .only([.init("metadata"), .init("items", fields)])
    // An event's object may be a bookmark, or a status that says why there are no more.
    fieldsOfEvent = FieldTable(
      .only([
        .init("type"),
        .init(
          "object",
          fields.adding("code").adding("message").adding("reason").adding("details")
            .adding("metadata", "resourceVersion")
            .adding("metadata", "annotations", "k8s.io/initial-events-end")),
      ]))
  }

  /// The collection of a namespace, or of all.
  func path(version: String, namespace: String?) -> String {
    let root = group.isEmpty ? "/api/\(version)" : "/apis/\(group)/\(version)"
    return root + (namespace.map { "/namespaces/\($0)" } ?? "") + "/\(plural)"
  }

  /// As objects of one of the versions say it.
  func apiVersion(_ version: String) -> String {
    versions.firstIndex(of: version).map { apiVersions[$0] } ?? version
  }

  /// What an object is called as the origin of a document: `pods/shop/cart-1`, `nodes/a`.
  package func origin(namespace: String, name: String) -> String {
    namespace.isEmpty ? "\(self.name)/\(name)" : "\(self.name)/\(namespace)/\(name)"
  }
}
