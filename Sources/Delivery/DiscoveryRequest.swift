/// A client's message in state-of-the-world mode: the names it wants now, all of them, and what it
/// made of the response that the nonce names.
package struct DiscoveryRequest: Hashable, Sendable {
  package var typeURL = ""
  package var node: ClientNode?
  /// The last version the client accepted.
  package var version = ""
  package var names: [String] = []
  /// Names left out because a limit was reached.
  package var refusedNames = 0
  package var nonce = ""
  package var rejection: Rejection?

  package init() {}

  package init(decoding bytes: [UInt8], limits: DeliveryLimits) throws(WireError) {
    var reader = WireReader(bytes)
    while let field = try reader.next() {
      guard case .bytes(let range) = field.value else { continue }
      switch field.number {
      case 1: version = try reader.text(range, field: 1)
      case 2: node = try ClientNode(decoding: reader.message(range), limits: limits)
      case 3:
        if limits.admit(nameOf: range.count, after: names.count) {
          names.append(try reader.text(range, field: 3))
        } else {
          refusedNames += 1
        }
      case 4: typeURL = try reader.text(range, field: 4)
      case 5: nonce = try reader.text(range, field: 5)
      case 6: rejection = try Rejection(decoding: reader.message(range), limits: limits)
      default: continue
      }
    }
  }
}

/// A client's message in delta mode: what it wants besides and no longer, and what it made of the
/// response that the nonce names.
package struct DeltaDiscoveryRequest: Hashable, Sendable {
  package var typeURL = ""
  package var node: ClientNode?
  package var subscribe: [String] = []
  package var unsubscribe: [String] = []
  /// What the client kept from an earlier stream.
  package var initialVersions: [KnownVersion] = []
  /// Names left out because a limit was reached.
  package var refusedNames = 0
  package var nonce = ""
  package var rejection: Rejection?

  package init() {}

  package init(decoding bytes: [UInt8], limits: DeliveryLimits) throws(WireError) {
    var reader = WireReader(bytes)
    while let field = try reader.next() {
      guard case .bytes(let range) = field.value else { continue }
      switch field.number {
      case 1: node = try ClientNode(decoding: reader.message(range), limits: limits)
      case 2: typeURL = try reader.text(range, field: 2)
      case 3:
        if limits.admit(nameOf: range.count, after: subscribe.count) {
          subscribe.append(try reader.text(range, field: 3))
        } else {
          refusedNames += 1
        }
      case 4:
        if limits.admit(nameOf: range.count, after: unsubscribe.count) {
          unsubscribe.append(try reader.text(range, field: 4))
        } else {
          refusedNames += 1
        }
      case 5: try addInitialVersion(reader.message(range), limits: limits)
      case 6: nonce = try reader.text(range, field: 6)
      case 7: rejection = try Rejection(decoding: reader.message(range), limits: limits)
      default: continue
      }
    }
  }

  private mutating func addInitialVersion(
    _ message: WireReader, limits: DeliveryLimits
  ) throws(WireError) {
    var reader = message
    var (name, version) = (0..<0, 0..<0)
    while let field = try reader.next() {
      guard case .bytes(let range) = field.value else { continue }
      switch field.number {
      case 1: name = range
      case 2: version = range
      default: continue
      }
    }
    guard
      limits.admit(nameOf: name.count, after: initialVersions.count),
      version.count <= limits.nameLength
    else {
      refusedNames += 1
      return
    }
    initialVersions.append(
      KnownVersion(
        name: try reader.text(name, field: 1), version: try reader.text(version, field: 2)))
  }
}

/// Why a client did not accept a response: `google.rpc.Status`.
package struct Rejection: Hashable, Sendable {
  package var code = 0
  package var message = ""

  package init(code: Int = 0, message: String = "") {
    self.code = code
    self.message = message
  }

  init(decoding reader: WireReader, limits: DeliveryLimits) throws(WireError) {
    var reader = reader
    while let field = try reader.next() {
      switch (field.number, field.value) {
      case (1, .varint(let value)): code = Int(Int32(truncatingIfNeeded: value))
      case (2, .bytes(let range)):
        // A message cut in the middle of a character is repaired rather than refused.
        let kept = range.prefix(limits.messageLength)
        message = String(decoding: reader.copy(kept), as: UTF8.self)
      default: continue
      }
    }
  }
}

extension DeliveryLimits {
  fileprivate func admit(nameOf length: Int, after count: Int) -> Bool {
    length <= nameLength && count < names
  }
}
