/// Who a client says it is: `envoy.config.core.v3.Node`, with its metadata left encoded until
/// somebody has a use for it.
package struct ClientNode: Hashable, Sendable {
  package struct Locality: Hashable, Sendable {
    package var region = ""
    package var zone = ""
    package var subZone = ""
  }

  package var id = ""
  package var cluster = ""
  /// An encoded `google.protobuf.Struct`; ``metadataTree(limits:)`` reads it.
  package var metadata: [UInt8] = []
  package var locality = Locality()
  package var userAgentName = ""
  /// As the client writes it, or `major.minor.patch` of its build version.
  package var userAgentVersion = ""

  package init() {}

  init(decoding reader: WireReader, limits: DeliveryLimits) throws(WireError) {
    var reader = reader
    while let field = try reader.next() {
      guard case .bytes(let range) = field.value else { continue }
      switch field.number {
      case 1: id = try reader.text(range, field: 1)
      case 2: cluster = try reader.text(range, field: 2)
      case 3:
        guard range.count <= limits.metadataLength else {
          throw .tooLong(count: range.count, limit: limits.metadataLength)
        }
        metadata = reader.copy(range)
      case 4: locality = try Locality(decoding: reader.message(range))
      case 6: userAgentName = try reader.text(range, field: 6)
      case 7: userAgentVersion = try reader.text(range, field: 7)
      case 8: userAgentVersion = try ClientNode.buildVersion(reader.message(range))
      default: continue
      }
    }
  }

  /// `BuildVersion.version`, a `SemanticVersion`.
  private static func buildVersion(_ reader: WireReader) throws(WireError) -> String {
    var reader = reader
    var numbers: [UInt64] = [0, 0, 0]
    while let field = try reader.next() {
      guard field.number == 1, case .bytes(let range) = field.value else { continue }
      var version = reader.message(range)
      while let part = try version.next() {
        guard case .varint(let number) = part.value, (1...3).contains(part.number) else { continue }
        numbers[part.number - 1] = number
      }
    }
    return numbers.map(String.init).joined(separator: ".")
  }
}

extension ClientNode.Locality {
  init(decoding reader: WireReader) throws(WireError) {
    var reader = reader
    while let field = try reader.next() {
      guard case .bytes(let range) = field.value else { continue }
      switch field.number {
      case 1: region = try reader.text(range, field: 1)
      case 2: zone = try reader.text(range, field: 2)
      case 3: subZone = try reader.text(range, field: 3)
      default: continue
      }
    }
  }
}
