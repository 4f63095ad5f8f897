package import Incremental
package import Mesh
package import Segments

/// One resource of one class of proxies.
package struct ResourceKey<Name: Digested & Sendable>: Digested, Sendable {
  package let proxies: ProxyClass
  package let name: Name

  package init(_ proxies: ProxyClass, _ name: Name) {
    self.proxies = proxies
    self.name = name
  }

  package var digest: UInt64 { name.digest.mixed(with: proxies.digest) }
}

/// All resources of one type: which there are for a class, and what each says.
package struct ResourceTable<Name: Digested & Sendable> {
  /// In the order to send.
  package let names: Derived<ProxyClass, [Name]>
  /// The message's bytes; nil where there is no such resource after all, as a DNS cluster without
  /// endpoints.
  package let bodies: Derived<ResourceKey<Name>, Rope?>
  /// The name on the wire.
  package let text: (Name) -> String

  package init(
    names: Derived<ProxyClass, [Name]>, bodies: Derived<ResourceKey<Name>, Rope?>,
    text: @escaping (Name) -> String
  ) {
    self.names = names
    self.bodies = bodies
    self.text = text
  }
}
