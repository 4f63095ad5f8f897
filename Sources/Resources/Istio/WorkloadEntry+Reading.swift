internal import Diagnostics
internal import Documents

extension WorkloadEntry: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      &fields, label: TextRule.label,
      port: { name, number in
        [TextRule.portName(name), number.flatMap(TextRule.port)].compactMap { $0 }
      })
  }

  /// As the template of a WorkloadGroup, whose labels and ports istiod does not look at.
  init(template fields: inout Fields) {
    self.init(&fields, label: { _, _ in nil }, port: { _, _ in [] })
  }

  private init(
    _ fields: inout Fields, label: (String, String) -> Finding?,
    port findings: (String, Int?) -> [Finding]
  ) {
    self.init(
      address: fields.string("address"),
      ports: Dictionary(
        uniqueKeysWithValues: fields.entries("ports") { reading, name, node in
          let port = reading.int(node, .uint32)
          for finding in findings(name, port) {
            reading.report(finding, at: [], position: node.position)
          }
          return port
        }.map { ($0.name, $0.value) }),
      labels: fields.labels("labels", check: label),
      network: fields.string("network"),
      locality: fields.string("locality"),
      weight: fields.int("weight", .uint32) ?? 0,
      serviceAccount: fields.string("serviceAccount"),
      position: fields.sourcePosition)
  }

  /// What an object of its own must have; an endpoint of a ServiceEntry follows the entry's resolution.
  func checkAlone(_ fields: inout Fields) {
    guard let address else {
      fields.report(network == nil ? .missing("address") : .networkWithoutAddress())
      return
    }
    if address.hasPrefix("unix://") {
      checkSocket(address, &fields)
    } else if IPAddress(address) == nil, HostRule.fullName(address) != nil {
      fields.report(.badEndpointAddress(address), at: "address")
    }
  }

  private func checkSocket(_ address: String, _ fields: inout Fields, at steps: Int? = nil) {
    let finding =
      TextRule.unixPath(address.dropFirst("unix://".count))
      ?? (ports.isEmpty ? nil : .portsOfSocket())
    guard let finding else { return }
    if let index = steps {
      fields.report(finding, at: "endpoints", .index(index), "address")
    } else {
      fields.report(finding, at: "address")
    }
  }

  /// As the endpoint number `index` of a STATIC ServiceEntry.
  func checkStatic(_ fields: inout Fields, at index: Int, ports entryPorts: [ServiceEntry.Port]) {
    checkPortNames(&fields, at: index, ports: entryPorts)
    guard let address else {
      fields.report(
        network == nil ? .missing("address") : .networkWithoutAddress(), at: "endpoints",
        .index(index))
      return
    }
    if address.hasPrefix("unix://") {
      checkSocket(address, &fields, at: index)
      if Set(entryPorts.map(\.name)).count != 1 {
        fields.report(.socketOfSeveralPorts(), at: "endpoints", .index(index))
      }
    } else if IPAddress(address) == nil {
      fields.report(.endpointNotAnAddress(address), at: "endpoints", .index(index), "address")
    }
  }

  func checkPortNames(_ fields: inout Fields, at index: Int, ports: [ServiceEntry.Port]) {
    for name in self.ports.keys.sorted() where !ports.contains(where: { $0.name == name }) {
      fields.report(
        .unknownEndpointPort(name, known: ports.map(\.name)), at: "endpoints", .index(index),
        "ports", .key(name))
    }
  }
}

extension Object where Spec == WorkloadEntry {
  /// Its workload is found healthy or not by checks, and counts as not until it was.
  package var isHealthChecked: Bool {
    metadata.annotations["proxy.istio.io/health-checks-enabled"].flatMap(Bool.init(goText:))
      ?? false
  }
}
