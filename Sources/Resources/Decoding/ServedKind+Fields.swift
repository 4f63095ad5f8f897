package import Documents

extension ServedKind {
  /// What is read of an object of the kind. Of Istio's kinds that is everything, since fields that
  /// nobody knows are mistakes to tell of; of Kubernetes' own, what their types ask for, and of the
  /// annotations those of Istio's.
  package var fields: FieldSelection {
    switch kind {
    case .service: .read(by: Service.self)
    case .endpointSlice: .read(by: EndpointSlice.self)
    case .pod: .read(by: Pod.self)
    case .node: .read(by: KubernetesNode.self)
    case .namespace: .read(by: Namespace.self)
    case .secret: .read(by: Secret.self)
    case .configMap: .read(by: ConfigMap.self)
    case .gateway, .virtualService, .destinationRule, .serviceEntry, .workloadEntry,
      .authorizationPolicy, .requestAuthentication, .peerAuthentication, .envoyFilter, .telemetry,
      .wasmPlugin, .trafficExtension, .proxyConfig, .sidecar, .workloadGroup:
      .all(but: [FieldName("managedFields")])
    }
  }
}

extension FieldSelection {
  fileprivate static func read<Spec: FieldReadable>(by type: Spec.Type) -> FieldSelection {
    let metadata = FieldSelection(of: { ObjectMeta(&$0) })
    let own = FieldSelection(of: { Spec(&$0) })
    guard case .only(let ofMetadata) = metadata, case .only(let ofObject) = own else {
      preconditionFailure("what is read of a mapping are fields")
    }
    let annotations = Field("annotations", .containing([FieldName("istio.io/")]))
    let others = ofMetadata.filter { $0.name != annotations.name }
    return .only(
      [
        Field("apiVersion"), Field("kind"),
        // The last is for those who ask why something was sent.
        Field("metadata", .only(others + [annotations, Field("generation")])),
      ] + ofObject)
  }

  /// The fields that `body` asks for.
  private init<Value>(of body: (inout Fields) -> Value) {
    let catalogue = Fields.catalogue(FieldCatalogue(depth: 10), of: body)
    self = .fields(catalogue.read.map { $0[...] })
  }

  /// Each path leads to a field that is read whole, or on to other paths' fields.
  private static func fields(_ paths: [ArraySlice<String>]) -> FieldSelection {
    var names: [String] = []
    for case let name? in paths.map(\.first) where !names.contains(name) { names.append(name) }
    return .only(
      names.map { name in
        let below = paths.filter { $0.first == name }.map { $0.dropFirst() }.filter { !$0.isEmpty }
        return Field(name, below.isEmpty ? .all : fields(below))
      })
  }
}
