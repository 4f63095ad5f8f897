internal import Diagnostics
internal import Documents

extension WorkloadGroup: FieldReadable {
  init(_ fields: inout Fields) {
    let metadata = fields.one("metadata") { fields in
      (
        labels: fields.labels("labels", check: TextRule.label),
        annotations: fields.labels("annotations")
      )
    }
    self.init(
      labels: metadata?.labels ?? [:], annotations: metadata?.annotations ?? [:],
      template: fields.one("template") { WorkloadEntry(template: &$0) } ?? WorkloadEntry(),
      probe: fields.one("probe"))
    if !fields.has("template") { fields.report(.missing("template")) }
  }
}

extension WorkloadGroup.ReadinessProbe: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      initialDelaySeconds: fields.amount("initialDelaySeconds"),
      timeoutSeconds: fields.amount("timeoutSeconds"),
      periodSeconds: fields.amount("periodSeconds"),
      successThreshold: fields.amount("successThreshold"),
      failureThreshold: fields.amount("failureThreshold"),
      method: Method(&fields))
  }
}

extension WorkloadGroup.ReadinessProbe.Method {
  /// istiod knows `grpc` as a field, and refuses it as a method.
  fileprivate init(_ fields: inout Fields) {
    let names = ["httpGet", "tcpSocket", "exec"]
    let httpGet = fields.one("httpGet", WorkloadGroup.ReadinessProbe.HTTPGet.self)
    let tcpSocket = fields.one("tcpSocket") { (host: $0.string("host"), port: $0.probedPort()) }
    let exec = fields.one("exec") { fields -> [String] in
      let command = fields.strings("command")
      if command.isEmpty { fields.report(.missing("command")) }
      return command
    }
    _ = fields.one("grpc") { ($0.int("port", .uint32), $0.string("service")) }
    let given = (names + ["grpc"]).filter(fields.has)
    if given.count > 1 { fields.report(.exclusive(given)) }
    if given.isEmpty || given == ["grpc"] { fields.report(.probeWithoutMethod(known: names)) }
    if let httpGet {
      self = .httpGet(httpGet)
    } else if let tcpSocket {
      self = .tcpSocket(host: tcpSocket.host, port: tcpSocket.port)
    } else {
      self = .exec(exec ?? [])
    }
  }
}

extension WorkloadGroup.ReadinessProbe.HTTPGet: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      path: fields.string("path"), host: fields.string("host"), port: fields.probedPort(),
      scheme: (fields.isGiven("scheme") ? fields.choice("scheme") : nil) ?? .http,
      headers: fields.many("httpHeaders") { fields in
        let header = Named(name: fields.text("name"), value: fields.text("value"))
        if header.name.isEmpty {
          fields.report(.emptyHeaderName())
        } else if !header.name.utf8.allSatisfy({ isAlphanumeric($0) || $0 == UInt8(ascii: "-") }) {
          fields.report(.badProbeHeader(header.name), at: "name")
        }
        return header
      })
    fields.ignore("scheme")
  }
}

extension Fields {
  fileprivate mutating func probedPort() -> Int {
    let port = int("port", .uint32) ?? 0
    if let finding = TextRule.port(port) { report(finding, at: "port") }
    return port
  }

  fileprivate mutating func amount(_ key: String) -> Int {
    let amount = int(key, .int32) ?? 0
    if amount < 0 { report(.negative(amount), at: .key(key)) }
    return amount
  }
}
