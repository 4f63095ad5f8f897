internal import Incremental
package import Mesh
internal import Segments

/// The certificates and CAs that a class of proxies is sent: those that its servers and clusters name,
/// and that are its to have.
package final class SecretCompiler {
  package let secrets: ResourceTable<SecretName>

  /// `clientSecrets` are those that the proxies' clusters name.
  package init(_ model: MeshModel, clientSecrets: @escaping (ProxyClass) -> [SecretName]) {
    let graph = model.graph
    let accelerator = Derived<ProxyClass, KeyAccelerator?>(graph, "keyAccelerator") { proxies in
      KeyAccelerator(proxies.traits, model.store.meshConfig)
    }
    let plain = Derived<SecretName, Rope?>(graph, "secret") { name in
      SecretContents(model.store, nil).message(name)
    }
    let accelerated = Derived<AcceleratedName, Rope?>(graph, "acceleratedSecret") { key in
      SecretContents(model.store, key.accelerator).message(key.name)
    }
    secrets = ResourceTable(
      names: Derived(graph, "secretNames") { proxies in
        guard proxies.traits.mayHaveSecrets else { return [] }
        let named =
          SecretCompiler.serverSecrets(model, proxies)
          + (clientSecrets(proxies) + SecretCompiler.patchedSecrets(model, proxies))
          .filter { SecretCompiler.isForClient(proxies, $0) }
        return Set(named).sorted { $0.text < $1.text }
      },
      bodies: Derived(graph, "secretOfClass") { key in
        if let accelerator = accelerator(key.proxies) {
          accelerated(AcceleratedName(name: key.name, accelerator: accelerator))
        } else {
          plain(key.name)
        }
      },
      text: \.text)
  }

  private struct AcceleratedName: Digested {
    let name: SecretName
    let accelerator: KeyAccelerator
  }

  private static func serverSecrets(
    _ model: MeshModel, _ proxies: ProxyClass
  ) -> [SecretName] {
    let credentials = ServerCredentials(model, proxies.traits)
    let namespace = proxies.traits.namespace
    return model.gateways.merged(proxies).entries.flatMap(\.servers).flatMap { server in
      (server.spec.tls.map(credentials.served) ?? []).filter { name in
        switch name.source {
        case .secret(let id): id.namespace == namespace
        // The Gateway must be where the proxy is, as well as the Secret.
        case .gatewaySecret(let id):
          id.namespace == namespace && server.gateway.namespace == namespace
        case .configMap: true
        }
      }
    }
  }

  /// What EnvoyFilters name.
  private static func patchedSecrets(_ model: MeshModel, _ proxies: ProxyClass) -> [SecretName] {
    model.envoyFilters.mentions(proxies).credentials.compactMap {
      SecretName(
        credential: $0, content: .certificate, proxyNamespace: proxies.traits.namespace)
    }
  }

  /// A Secret is for proxies of its own namespace; a CA in a ConfigMap is no secret.
  private static func isForClient(_ proxies: ProxyClass, _ name: SecretName) -> Bool {
    switch name.source {
    case .secret(let id): id.namespace == proxies.traits.namespace
    case .gatewaySecret: false
    case .configMap: true
    }
  }
}
