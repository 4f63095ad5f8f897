import Segments

@testable import Delivery

/// A response as a client reads it.
struct ReadResponse {
  var type: ResourceType?
  var version = ""
  var nonce = ""
  var resources: [ReadResource] = []
  var removed: [String] = []

  init(_ bytes: [UInt8], mode: DiscoveryStream.Mode) throws {
    var reader = WireReader(bytes)
    while let field = try reader.next() {
      guard case .bytes(let range) = field.value else { continue }
      switch field.number {
      case 1: version = try reader.text(range, field: 1)
      case 2:
        let part = reader.message(range)
        resources.append(
          mode == .delta ? try ReadResource(delta: part) : try ReadResource(any: part))
      case 4: type = ResourceType(typeURL: try reader.text(range, field: 4))
      case 5: nonce = try reader.text(range, field: 5)
      case 6: removed.append(try reader.text(range, field: 6))
      default: break
      }
    }
  }
}

struct ReadResource {
  var name: String?
  var version = ""
  var typeURL = ""
  var body = ""

  init(any message: WireReader) throws {
    var reader = message
    while let field = try reader.next() {
      guard case .bytes(let range) = field.value else { continue }
      if field.number == 1 { typeURL = try reader.text(range, field: 1) }
      if field.number == 2 { body = try reader.text(range, field: 2) }
    }
  }

  init(delta message: WireReader) throws {
    var (name, version) = ("", "")
    var reader = message
    var any: WireReader?
    while let field = try reader.next() {
      guard case .bytes(let range) = field.value else { continue }
      switch field.number {
      case 1: version = try reader.text(range, field: 1)
      case 2: any = reader.message(range)
      case 3: name = try reader.text(range, field: 3)
      default: break
      }
    }
    guard let any else { throw WireError.truncated }
    try self.init(any: any)
    self.name = name
    self.version = version
  }
}

extension DiscoveryRequest {
  var encoded: [UInt8] {
    var writer = WireWriter()
    writer.text(version, field: 1)
    for name in names { writer.text(name, field: 3) }
    writer.text(typeURL, field: 4)
    writer.text(nonce, field: 5)
    if let rejection { writer.message(rejection.encoded, field: 6) }
    return writer.bytes
  }
}

extension DeltaDiscoveryRequest {
  var encoded: [UInt8] {
    var writer = WireWriter()
    writer.text(typeURL, field: 2)
    for name in subscribe { writer.text(name, field: 3) }
    for name in unsubscribe { writer.text(name, field: 4) }
    for known in initialVersions {
      var entry = WireWriter()
      entry.text(known.name, field: 1)
      entry.text(known.version, field: 2)
      writer.message(entry.bytes, field: 5)
    }
    writer.text(nonce, field: 6)
    if let rejection { writer.message(rejection.encoded, field: 7) }
    return writer.bytes
  }
}

extension Rejection {
  var encoded: [UInt8] {
    var writer = WireWriter()
    writer.text(message, field: 2)
    return writer.bytes
  }
}

extension WireWriter {
  mutating func message(_ bytes: [UInt8], field: Int) {
    length(bytes.count, field: field)
    raw(bytes)
  }
}
