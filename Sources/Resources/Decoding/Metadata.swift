internal import Diagnostics
internal import Documents

extension Reading {
  /// The metadata of the object that `root` is; what is wrong in it is reported.
  func metadata(of root: Node, isClusterWide: Bool) -> ObjectMeta {
    guard let node = root["metadata"], !node.isNull else { return ObjectMeta(name: "") }
    let metadata = within(.key("metadata")) {
      guard let slice = shared?.slice else { return Fields.read(node, self) { ObjectMeta(&$0) } }
      return slice.metadata(node, self) { Fields.read(node, self) { ObjectMeta(&$0) } }
    }
    resourceVersion = node["resourceVersion"]?.text
    guard var metadata else { return ObjectMeta(name: "") }
    if isClusterWide {
      metadata.namespace = ""
    } else if metadata.namespace.isEmpty {
      metadata.namespace = "default"
    }
    return metadata
  }
}

extension ObjectMeta: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      name: fields.text("name"),
      namespace: fields.text("namespace"),
      labels: fields.labels("labels"),
      annotations: fields.labels("annotations"),
      creationTimestamp: fields.timestamp("creationTimestamp"),
      deletionTimestamp: fields.timestamp("deletionTimestamp"),
      generateName: fields.string("generateName"),
      ownerReferences: fields.many("ownerReferences"))
    for name in ["uid", "resourceVersion", "selfLink"] { _ = fields.string(name) }
    fields.ignore("generation", "managedFields", "finalizers", "deletionGracePeriodSeconds")
  }
}

extension OwnerReference: FieldReadable {
  init(_ fields: inout Fields) {
    for name in ["apiVersion", "uid"] { _ = fields.string(name) }
    fields.ignore("blockOwnerDeletion")
    self.init(
      kind: fields.text("kind"), name: fields.text("name"), isController: fields.flag("controller"))
  }
}
