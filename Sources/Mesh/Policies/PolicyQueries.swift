package import Incremental
package import Resources
internal import Store

/// The policies of workloads, by kind: which objects are attached to a class of proxies.
package final class PolicyQueries {
  package let authorization: AttachedPolicies<AuthorizationPolicy>
  package let requestAuthentication: AttachedPolicies<RequestAuthentication>
  package let envoyFilters: AttachedPolicies<EnvoyFilter>
  package let telemetry: TelemetryQueries
  package let extensions: ExtensionQueries
  package let peers: PeerQueries
  package let tokens: TokenQueries
  /// The namespace whose policies are those of the whole mesh.
  package let rootNamespace: Single<String>

  init(_ store: ObjectStore) {
    let root = Single<String>(store.graph, "rootNamespace") {
      store.meshConfig.rootNamespace
    }
    rootNamespace = root
    authorization = AttachedPolicies(
      store, store.authorizationPolicies, called: "authorizationPolicies", rootNamespace: root)
    requestAuthentication = AttachedPolicies(
      store, store.requestAuthentications, called: "requestAuthentications", rootNamespace: root)
    tokens = TokenQueries(store, attached: requestAuthentication)
    peers = PeerQueries(store, rootNamespace: root)
    envoyFilters = AttachedPolicies(
      store, store.envoyFilters, called: "envoyFilters", rootNamespace: root)
    telemetry = TelemetryQueries(
      store,
      AttachedPolicies(store, store.telemetries, called: "telemetries", rootNamespace: root),
      rootNamespace: root)
    extensions = ExtensionQueries(
      store,
      AttachedPolicies(store, store.wasmPlugins, called: "wasmPlugins", rootNamespace: root),
      AttachedPolicies(
        store, store.trafficExtensions, called: "trafficExtensions", rootNamespace: root))
  }
}
