internal import Diagnostics
internal import Documents

extension MeshNetworks: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      networks: fields.entries("networks") { reading, _, node in
        Fields.read(node, reading) { Network(&$0) }
      })
  }
}

extension MeshNetworks.Network: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      endpoints: fields.many("endpoints") { MeshNetworks.Endpoints(&$0) }.compactMap { $0 },
      gateways: fields.many("gateways") { MeshNetworks.Gateway(&$0) }.compactMap { $0 })
  }
}

extension MeshNetworks.Endpoints {
  fileprivate init?(_ fields: inout Fields) {
    let block = fields.string("fromCidr", check: TextRule.subnet)
    let registry = fields.string("fromRegistry")
    if (block == nil) == (registry == nil) {
      fields.report(.exclusive(["fromCidr", "fromRegistry"]))
    }
    guard let endpoints = block.map({ Self.fromCIDR($0) }) ?? registry.map({ .fromRegistry($0) })
    else { return nil }
    self = endpoints
  }
}

extension MeshNetworks.Gateway {
  fileprivate init?(_ fields: inout Fields) {
    let service = fields.string("registryServiceName", check: HostRule.fullName)
    let address = fields.string("address") {
      IPAddress($0) == nil ? HostRule.fullName($0) : nil
    }
    if (service == nil) == (address == nil) {
      fields.report(.exclusive(["registryServiceName", "address"]))
    }
    let port = fields.int("port", .port)
    if !fields.has("port") { fields.report(.missing("port")) }
    let locality = fields.string("locality")
    guard
      let place = service.map({ Address.registryServiceName($0) }) ?? address.map({ .address($0) })
    else { return nil }
    self.init(address: place, port: port ?? 0, locality: locality)
  }
}
