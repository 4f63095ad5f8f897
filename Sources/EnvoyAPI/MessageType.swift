private import CEnvoyAPI

/// One of the published message types, all of which the binary knows by their descriptors.
@safe package struct MessageType: Hashable, Sendable {
  /// The place in the list of all types, which is sorted by name.
  let index: Int

  init(index: Int) { self.index = index }

  /// The type called `name`, as `envoy.config.cluster.v3.Cluster`; nil for one never published.
  package init?(named name: some StringProtocol) {
    var (low, high) = (0, MessageType.count)
    while low < high {
      let middle = (low + high) / 2
      if MessageType(index: middle).name < name { low = middle + 1 } else { high = middle }
    }
    guard low < MessageType.count, MessageType(index: low).name == name else { return nil }
    index = low
  }

  /// The type a type URL names: what stands behind its last slash.
  package init?(url: String) {
    guard let slash = url.utf8.lastIndex(of: UInt8(ascii: "/")) else { return nil }
    self.init(named: url[url.index(after: slash)...])
  }

  package var name: String { unsafe String(cString: descriptor.pointee.name) }
  /// `type.googleapis.com/` and the name.
  package var url: String { unsafe String(cString: entry.pointee.type_url) }

  package static var count: Int { Int(cenvoy_message_type_count) }
  package static var all: [MessageType] { (0..<count).map(MessageType.init(index:)) }
}

extension MessageType {
  @unsafe fileprivate var entry: UnsafePointer<CEnvoyMessageType> {
    unsafe cenvoy_message_type(UInt32(index))
  }
  @unsafe fileprivate var descriptor: UnsafePointer<ProtobufCMessageDescriptor> {
    unsafe entry.pointee.descriptor
  }
}
