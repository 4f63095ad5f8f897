internal import Diagnostics
internal import Documents

extension Reading {
  /// The metadata of the object that `root` is; what is wrong in it is reported.
  func metadata(of root: Node, isClusterWide: Bool) -> ObjectMeta {
    guard let node = root["metadata"], node.content != .null else { return ObjectMeta(name: "") }
    let metadata = within(.key("metadata")) { Fields.read(node, self) { ObjectMeta(&$0) } }
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
    fields.ignore(
      "uid", "resourceVersion", "generation", "managedFields", "finalizers", "selfLink",
      "deletionGracePeriodSeconds", "clusterName")
  }
}

extension OwnerReference: FieldReadable {
  init(_ fields: inout Fields) {
    fields.ignore("apiVersion", "uid", "blockOwnerDeletion")
    self.init(
      kind: fields.text("kind"), name: fields.text("name"), isController: fields.flag("controller"))
  }
}
