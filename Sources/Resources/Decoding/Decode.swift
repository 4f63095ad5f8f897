internal import Diagnostics
package import Documents

/// Reads one document as an object: its values, or what is wrong with them, as istiod's validation
/// judges. Every message says where.
package func decode(_ document: Document) -> Decoded { decode(document, sharing: nil) }

/// The same; what is alike in objects of one `shared` takes memory once.
package func decode(_ document: Document, sharing shared: SharedValues?) -> Decoded {
  let root = document.root
  let place = root.position.place(in: document.file)
  guard root.isMapping else {
    return Decoded(
      outcome: .ignored, diagnostics: [.notAnObject(found: root.kindName, at: place)])
  }
  var texts: [String] = []
  for name in ["apiVersion", "kind"] {
    guard let text = root[name]?.text, !text.isEmpty else {
      let position = root[name]?.position ?? root.position
      return Decoded(
        outcome: .ignored,
        diagnostics: [.withoutField(name, at: position.place(in: document.file))])
    }
    texts.append(text)
  }
  return Decoded(document, apiVersion: texts[0], kind: texts[1], sharing: shared)
}

extension Decoded {
  fileprivate init(
    _ document: Document, apiVersion: String, kind: String, sharing shared: SharedValues?
  ) {
    let place = document.root.position.place(in: document.file)
    let served =
      shared.map { $0.served(apiVersion: apiVersion, kind: kind) }
      ?? KnownKind.Served(apiVersion: apiVersion, kind: kind)
    let reading = Reading(file: document.file, sharing: shared)
    let isClusterWide = served?.isClusterWide ?? KnownKind.isClusterWide(apiVersion, kind)
    // Messages about the metadata itself name the object too, as far as it has a name.
    if let name = document.root["metadata"]?["name"]?.text, !name.isEmpty {
      let namespace = document.root["metadata"]?["namespace"]?.text ?? "default"
      reading.object = ObjectName(
        kind: kind, namespace: isClusterWide ? "" : namespace, name: name)
    }
    let metadata = reading.metadata(of: document.root, isClusterWide: isClusterWide)
    let object = ObjectName(kind: kind, namespace: metadata.namespace, name: metadata.name)
    reading.object = object
    reading.metadata = metadata
    guard let served else {
      self.init(unserved: object, apiVersion: apiVersion, reading, at: place)
      return
    }
    guard !metadata.name.isEmpty else {
      self.init(
        outcome: .ignored,
        diagnostics: reading.conclude() + [.withoutField("metadata.name", at: place)])
      return
    }
    let header = Header(metadata: metadata, place: place)
    let resource = reading.resource(served.kind, from: document.root, header)
    let isAccepted = !reading.isRefused
    self.init(
      outcome: isAccepted ? resource.map { .accepted($0) } ?? .refused(object) : .refused(object),
      diagnostics: reading.conclude(), refused: isAccepted ? nil : resource)
  }
}

extension Decoded {
  /// What there is to say of an object that is not read.
  private init(
    unserved object: ObjectName, apiVersion: String, _ reading: Reading, at place: Place
  ) {
    let (group, version) = KnownKind.split(apiVersion: apiVersion)
    guard let entry = KnownKind.entry(group: group, kind: object.kind) else {
      self.init(
        outcome: .ignored, diagnostics: [.unknown(object, apiVersion: apiVersion, at: place)])
      return
    }
    guard entry.versions.contains(version) else {
      let known = entry.versions.map { KnownKind.apiVersion(group: group, version: $0) }
      self.init(
        outcome: .ignored,
        diagnostics: [.unknownVersion(object, apiVersion: apiVersion, known: known, at: place)])
      return
    }
    guard !object.name.isEmpty else {
      self.init(
        outcome: .ignored,
        diagnostics: reading.conclude() + [.withoutField("metadata.name", at: place)])
      return
    }
    self.init(
      outcome: .unserved(object, apiVersion: apiVersion),
      diagnostics: [.servedLater(object, apiVersion: apiVersion, at: place)])
  }
}

/// What stands above an object's own fields.
private struct Header {
  let metadata: ObjectMeta
  let place: Place

  func object<Spec: ResourceSpec>(_ spec: Spec) -> Object<Spec> {
    Object(metadata: metadata, spec: spec, place: place)
  }
}

extension Reading {
  fileprivate func resource(_ kind: Kind, from root: Node, _ header: Header) -> Resource? {
    switch kind {
    case .gateway: spec(root).map { .gateway(header.object($0)) }
    case .virtualService: spec(root).map { .virtualService(header.object($0)) }
    case .destinationRule: spec(root).map { .destinationRule(header.object($0)) }
    case .serviceEntry: spec(root).map { .serviceEntry(header.object($0)) }
    case .workloadEntry: spec(root).map { .workloadEntry(header.object($0)) }
    case .authorizationPolicy: spec(root).map { .authorizationPolicy(header.object($0)) }
    case .requestAuthentication: spec(root).map { .requestAuthentication(header.object($0)) }
    case .peerAuthentication: spec(root).map { .peerAuthentication(header.object($0)) }
    case .envoyFilter: spec(root).map { .envoyFilter(header.object($0)) }
    case .telemetry: spec(root).map { .telemetry(header.object($0)) }
    case .wasmPlugin: spec(root).map { .wasmPlugin(header.object($0)) }
    case .trafficExtension: spec(root).map { .trafficExtension(header.object($0)) }
    case .proxyConfig: spec(root).map { .proxyConfig(header.object($0)) }
    case .sidecar: spec(root).map { .sidecar(header.object($0)) }
    case .workloadGroup: spec(root).map { .workloadGroup(header.object($0)) }
    case .service: whole(root).map { .service(header.object($0)) }
    case .pod: whole(root).map { .pod(header.object($0)) }
    case .node: whole(root).map { .node(header.object($0)) }
    case .namespace: whole(root).map { .namespace(header.object($0)) }
    case .secret: whole(root).map { .secret(header.object($0)) }
    case .configMap: whole(root).map { .configMap(header.object($0)) }
    case .endpointSlice: whole(root).map { .endpointSlice(header.object($0)) }
    }
  }

  /// An object of Istio's: fields are named within `spec`, and unknown ones reported.
  private func spec<Spec: IstioSpec>(_ root: Node) -> Spec? {
    Fields.read(root, self) { fields -> Spec? in
      fields.ignore("apiVersion", "kind", "metadata")
      checkAnnotations(&fields)
      let status = fields.find("status")
      // Asked only which fields there are, no spec is made up.
      let isRead = fields.reading.catalogue == nil
      let empty = isRead && Spec.mayBeEmpty ? Node(.mapping([]), at: root.position) : nil
      guard let node = fields.find("spec") ?? empty else {
        fields.report(.missing("spec"))
        return nil
      }
      let read = Fields.read(node, self) { fields -> Spec in
        let spec = Spec(&fields)
        spec.checkAlone(&fields)
        return spec
      }
      guard var spec = read else { return nil }
      if let value = metadata.annotations["istio.io/dry-run"],
        let finding = spec.finding(dryRun: value)
      {
        fields.report(finding, at: "metadata", "annotations", .key("istio.io/dry-run"))
      }
      if let status {
        within(.key("status")) {
          _ = Fields.read(status, self) { fields in
            fields.allowOthers()
            spec.take(status: &fields)
          }
        }
      }
      return spec
    } ?? nil
  }

  /// An object of Kubernetes' own, of which only some fields are read.
  private func whole<Spec: FieldReadable>(_ root: Node) -> Spec? {
    Fields.read(root, self) { fields in
      fields.allowOthers()
      return Spec(&fields)
    }
  }

  private func checkAnnotations(_ fields: inout Fields) {
    for name in [
      "internal.istio.io/parents", "internal.istio.io/parent-namespace",
      "internal.istio.io/webhook-always-reject",
    ] where metadata.annotations[name] != nil {
      fields.report(.annotationNotForUsers(name), at: "metadata", "annotations", .key(name))
    }
  }
}

/// A kind of Istio's: its fields stand in `spec`.
protocol IstioSpec: ResourceSpec, FieldReadable {
  /// Checks what only an object of its own must have, not one that is part of another.
  func checkAlone(_ fields: inout Fields)
  /// Takes what is read of the object's `status`, which its owner writes and no user.
  mutating func take(status fields: inout Fields)
  /// Whether an object without `spec` is one of an empty spec, as the definitions of some kinds say.
  static var mayBeEmpty: Bool { get }
  /// What is wrong with that value of the annotation `istio.io/dry-run`.
  func finding(dryRun value: String) -> Finding?
}

extension IstioSpec {
  static var mayBeEmpty: Bool { false }
  func finding(dryRun value: String) -> Finding? { .annotationNotForKind("istio.io/dry-run") }
  func checkAlone(_ fields: inout Fields) {}
  mutating func take(status fields: inout Fields) {}
}

extension IstioSpec where Self: AttachedSpec {
  static var mayBeEmpty: Bool { true }
}

extension Gateway: IstioSpec {}
extension VirtualService: IstioSpec {}
extension DestinationRule: IstioSpec {}
extension AuthorizationPolicy: IstioSpec {}
extension RequestAuthentication: IstioSpec {}
extension PeerAuthentication: IstioSpec {}
extension EnvoyFilter: IstioSpec {}
extension Telemetry: IstioSpec {}
extension WasmPlugin: IstioSpec {}
extension TrafficExtension: IstioSpec {}
extension WorkloadProxyConfig: IstioSpec {
  static var mayBeEmpty: Bool { true }
}

extension Sidecar: IstioSpec {}
extension WorkloadGroup: IstioSpec {}

extension ServiceEntry: IstioSpec {
  mutating func take(status fields: inout Fields) {
    allocatedAddresses = fields.parts("addresses") {
      AllocatedAddress(value: $0.text("value"), host: $0.string("host"))
    }
  }
}

extension WorkloadEntry: IstioSpec {
  mutating func take(status fields: inout Fields) { isHealthy = fields.condition("Healthy") }
}

extension Node {
  /// The text of a string.
  var text: String? { text(sharing: nil) }
}

extension Fields {
  /// Whether the condition of that type holds; nil where the status does not say.
  mutating func condition(_ type: String) -> Bool? {
    let conditions = parts("conditions") {
      (type: $0.string("type"), holds: $0.string("status") == "True")
    }
    return conditions.first { $0.type == type }?.holds
  }
}

extension Diagnostic {
  fileprivate static func unknown(
    _ object: ObjectName, apiVersion: String, at place: Place
  ) -> Diagnostic {
    .unknownKind(
      object, apiVersion: apiVersion,
      nearest: KnownKind.names.contains(object.kind)
        ? nil : nearest(to: object.kind, among: KnownKind.names), at: place)
  }
}
