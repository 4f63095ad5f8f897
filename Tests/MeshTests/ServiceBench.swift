import Diagnostics
import Incremental
import Mesh
import Resources
import Store

/// A mesh made in code, and a gateway of namespace `edge` that looks at it.
struct ServiceBench {
  let store = ObjectStore(Graph())
  let model: MeshModel

  init(_ resources: [Resource] = [], options: MeshModel.Options = MeshModel.Options()) {
    model = MeshModel(store, options: options)
    for resource in resources { store.put(resource) }
  }

  func proxies(
    namespace: String = "edge", labels: [String: String] = ["role": "edge"],
    ports: [Pod.Port] = [], istioVersion: IstioVersion? = nil
  ) -> ProxyClass {
    let node = ProxyNode(
      type: .router, id: "gateway.\(namespace)", ipAddresses: ["10.9.9.9"],
      dnsDomain: "\(namespace).svc.cluster.local", configNamespace: namespace,
      istioVersion: istioVersion,
      metadata: NodeMetadata(labels: labels, podPorts: ports, raw: [:]))
    return model.proxies.proxyClass(ConnectedProxy(node, mayHaveSecrets: true))
  }

  static func meta(
    _ namespace: String, _ name: String, created: Int64 = 0, labels: [String: String] = [:],
    annotations: [String: String] = [:]
  ) -> ObjectMeta {
    ObjectMeta(
      name: name, namespace: namespace, labels: labels, annotations: annotations,
      creationTimestamp: Timestamp(secondsSince1970: created))
  }

  static func object<Spec: ResourceSpec>(_ spec: Spec, _ metadata: ObjectMeta) -> Object<Spec> {
    Object(
      metadata: metadata, spec: spec,
      place: Place(file: "t", line: 1, column: 1))
  }

  static func service(
    _ namespace: String, _ name: String, created: Int64 = 0, ports: [Service.Port] = [.http],
    selector: [String: String] = [:], exportTo: String? = nil,
    labels: [String: String] = [:]
  ) -> Resource {
    .service(
      object(
        Service(clusterIP: "10.0.0.1", ports: ports, selector: selector),
        meta(
          namespace, name, created: created, labels: labels,
          annotations: exportTo.map { ["networking.istio.io/exportTo": $0] } ?? [:])))
  }

  static func entry(
    _ namespace: String, _ name: String, created: Int64 = 0, _ entry: ServiceEntry
  ) -> Resource {
    .serviceEntry(object(entry, meta(namespace, name, created: created)))
  }

  static func rule(
    _ namespace: String, _ name: String, created: Int64 = 0, _ rule: DestinationRule
  ) -> Resource {
    .destinationRule(object(rule, meta(namespace, name, created: created)))
  }
}

extension Service.Port {
  static var http: Service.Port { .init(name: "http", port: 80, targetPort: .number(8080)) }
}
