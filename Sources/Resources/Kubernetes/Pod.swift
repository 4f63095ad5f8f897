/// A Kubernetes Pod, as far as traffic goes.
package struct Pod: ResourceSpec {
  package static let kind = Kind.pod

  package var serviceAccountName: String?
  package var nodeName: String?
  /// Of the containers, and of the init containers that keep running beside them.
  package var ports: [Port]
  /// From `status`: its main one.
  package var address: String?
  /// From `status`: it is through, well or not.
  package var isOver: Bool
  /// The condition `Ready` of `status`; nil without one.
  package var isReady: Bool?

  package init(
    serviceAccountName: String? = nil, nodeName: String? = nil, ports: [Port] = [],
    address: String? = nil, isOver: Bool = false, isReady: Bool? = nil
  ) {
    self.serviceAccountName = serviceAccountName
    self.nodeName = nodeName
    self.ports = ports
    self.address = address
    self.isOver = isOver
    self.isReady = isReady
  }

  package struct Port: Hashable, Sendable {
    package var name: String?
    package var containerPort: Int
    /// Nil where it is left out, as a file may; an API server writes TCP for it, and istiod knows a pod's
    /// port by name only if that is written.
    package var transport: TransportProtocol?

    package init(name: String? = nil, containerPort: Int, transport: TransportProtocol? = nil) {
      self.name = name
      self.containerPort = containerPort
      self.transport = transport
    }
  }
}

/// A Kubernetes Node: a machine. Its labels say where it stands.
package struct KubernetesNode: ResourceSpec {
  package static let kind = Kind.node

  package var addresses: [Address]

  package init(addresses: [Address] = []) {
    self.addresses = addresses
  }

  package struct Address: Hashable, Sendable {
    /// `InternalIP`, `ExternalIP`, `Hostname`, …
    package var type: String
    package var address: String

    package init(type: String, address: String) {
      self.type = type
      self.address = address
    }
  }
}

/// A Kubernetes Namespace; what is read of it stands in its metadata.
package struct Namespace: ResourceSpec {
  package static let kind = Kind.namespace

  package init() {
  }
}
