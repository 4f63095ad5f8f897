internal import Diagnostics
internal import Documents

extension TrafficExtension: FieldReadable {
  private static let maximalScriptBytes = 65536

  init(_ fields: inout Fields) {
    let wasm = fields.one("wasm", WasmModule.self)
    let lua = fields.one("lua") { lua in
      let code = lua.text("inlineCode")
      if code.isEmpty { lua.report(.missing("inlineCode")) }
      if code.utf8.count > Self.maximalScriptBytes {
        lua.report(.longText("script", limit: Self.maximalScriptBytes), at: "inlineCode")
      }
      return code
    }
    if fields.has("wasm"), fields.has("lua") { fields.report(.exclusive(["wasm", "lua"])) }
    if !fields.has("wasm"), !fields.has("lua") { fields.report(.missing("wasm or lua")) }
    self.init(
      attachment: PolicyAttachment(&fields), phase: fields.choice("phase") ?? .unspecified,
      priority: fields.int("priority", .int32), match: fields.many("match"),
      program: wasm.map { .wasm($0) } ?? .lua(lua ?? ""),
      resourceVersion: fields.reading.resourceVersion)
  }
}

extension WasmPlugin: FieldReadable {
  private enum Phase: String, CaseIterable {
    case unspecified = "UNSPECIFIED_PHASE"
    case authn = "AUTHN"
    case authz = "AUTHZ"
    case stats = "STATS"

    var meaning: TrafficExtension.Phase {
      switch self {
      case .unspecified: .unspecified
      case .authn: .authn
      case .authz: .authz
      case .stats: .stats
      }
    }
  }

  init(_ fields: inout Fields) {
    self.init(
      meaning: TrafficExtension(
        attachment: PolicyAttachment(&fields),
        phase: fields.choice("phase", Phase.self)?.meaning ?? .unspecified,
        priority: fields.int("priority", .int32), match: fields.many("match"),
        program: .wasm(WasmModule(&fields)), resourceVersion: fields.reading.resourceVersion))
  }
}

extension TrafficExtension.TrafficSelector: FieldReadable {
  private enum Mode: String, CaseIterable {
    case undefined = "UNDEFINED"
    case client = "CLIENT"
    case server = "SERVER"
    case clientAndServer = "CLIENT_AND_SERVER"
  }

  init(_ fields: inout Fields) {
    let mode: Telemetry.WorkloadMode =
      switch fields.choice("mode", Mode.self) {
      case .client: .client
      case .server: .server
      case .undefined, .clientAndServer, nil: .clientAndServer
      }
    self.init(
      mode: mode,
      ports: fields.many("ports") { port in
        let number = port.int("number", .uint32) ?? 0
        if let finding = TextRule.port(number) { port.report(finding, at: "number") }
        return number
      })
  }
}

extension WasmModule: FieldReadable {
  private static let maximalSecretName = 253
  private static let maximalName = 256

  init(_ fields: inout Fields) {
    var source = Source.image(url: "")
    let url = fields.text("url")
    switch ModuleURL.source(url) {
    case .success(let found): source = found
    case .failure(let mistake): fields.report(mistake.finding, at: "url")
    }
    self.init(
      source: source,
      sha256: fields.string("sha256", check: Self.checksum),
      imagePullPolicy: fields.choice("imagePullPolicy") ?? .unspecified,
      imagePullSecret: fields.string("imagePullSecret") {
        $0.utf8.count > Self.maximalSecretName
          ? .longText("name", limit: Self.maximalSecretName) : nil
      }.map(Self.secretName),
      configuration: fields.value("pluginConfig") { reading, node in
        guard case .mapping(let entries) = node.content else {
          return reading.refuse(node, expected: "a mapping")
        }
        return entries.isEmpty ? nil : node.structText
      },
      rootID: fields.text("pluginName") {
        $0.utf8.count > Self.maximalName ? .longText("name", limit: Self.maximalName) : nil
      },
      failStrategy: fields.choice("failStrategy") ?? .close,
      environment: fields.one("vmConfig") { $0.many("env") } ?? [],
      type: fields.choice("type") ?? .unspecified)
    fields.ignore("verificationKey")
    let names = environment.map(\.name)
    if let repeated = names.indices.first(where: { names[..<$0].contains(names[$0]) }) {
      fields.report(
        .repeatedVariable(names[repeated]), at: "vmConfig", "env", .index(repeated), "name")
    }
  }

  private static func checksum(_ text: String) -> Finding? {
    let isDigit = { (byte: UInt8) in (48...57).contains(byte) || (97...102).contains(byte) }
    return text.isEmpty || (text.utf8.count == 64 && text.utf8.allSatisfy(isDigit))
      ? nil : .badChecksum()
  }

  /// The Secret of the object's namespace, however the name is written; empty, which none is called,
  /// where the name is not one of a Secret.
  private static func secretName(_ name: String) -> String {
    let scheme = "kubernetes://"
    if name.hasPrefix(scheme) {
      let parts = name.dropFirst(scheme.count).split(
        separator: "/", omittingEmptySubsequences: false)
      return String(parts.count > 1 ? parts[1] : parts[0])
    }
    return name.contains("/") || name.contains(":") ? "" : name
  }
}

extension WasmModule.EnvironmentVariable: FieldReadable {
  private enum Source: String, CaseIterable {
    case inline = "INLINE"
    case host = "HOST"
  }

  init(_ fields: inout Fields) {
    let name = fields.text("name") { $0.utf8.count > 256 ? .longText("name", limit: 256) : nil }
    let value = fields.text("value")
    let source = fields.choice("valueFrom") ?? Source.inline
    if name.isEmpty { fields.report(.missing("name")) }
    switch source {
    case .inline: self.init(name: name, value: value)
    case .host:
      if !value.isEmpty { fields.report(.valueOfHostVariable(), at: "value") }
      self.init(name: name, value: nil)
    }
  }
}
