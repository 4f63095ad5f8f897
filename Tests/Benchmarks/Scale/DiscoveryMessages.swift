/// The types that clients of the scale table subscribe to.
enum SubscribedType: Int, CaseIterable {
  case clusters, endpoints, listeners, routes, virtualHosts

  var url: String {
    switch self {
    case .clusters: "type.googleapis.com/envoy.config.cluster.v3.Cluster"
    case .endpoints: "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment"
    case .listeners: "type.googleapis.com/envoy.config.listener.v3.Listener"
    case .routes: "type.googleapis.com/envoy.config.route.v3.RouteConfiguration"
    case .virtualHosts: "type.googleapis.com/envoy.config.route.v3.VirtualHost"
    }
  }

  /// By the bytes of a response's type URL; each differs from the others in its last ones.
  init?(_ url: ArraySlice<UInt8>) {
    guard let type = SubscribedType.allCases.first(where: { $0.url.utf8.elementsEqual(url) }) else {
      return nil
    }
    self = type
  }
}

/// What a client has: names and versions, a type each.
struct Holdings {
  var versions = [[(name: String, version: String)]](
    repeating: [], count: SubscribedType.allCases.count)

  subscript(type: SubscribedType) -> [(name: String, version: String)] {
    versions[type.rawValue]
  }
  var count: Int { versions.reduce(0) { $0 + $1.count } }
}

/// Requests as bytes, in both variants of xDS.
enum DiscoveryText {
  enum Variant: String { case stateOfTheWorld, delta }

  /// A Node of a gateway: one of Istio's proxies, or a stock Envoy that takes virtual hosts.
  static func node(_ id: String) -> [UInt8] {
    let texts = [("NAMESPACE", "istio-system"), ("ISTIO_VERSION", "1.31.0")].flatMap {
      entry($0, field(3, Array($1.utf8)))
    }
    let labels = entry("LABELS", field(5, entry("istio", field(3, Array("ingressgateway".utf8)))))
    return field(1, Array(id.utf8)) + field(3, texts + labels) + field(7, Array("1.40.0".utf8))
  }

  private static func entry(_ key: String, _ value: [UInt8]) -> [UInt8] {
    field(1, field(1, Array(key.utf8)) + field(2, value))
  }

  /// A first request, gRPC's prefix included. `known` is what a client has kept from an earlier stream.
  static func subscription(
    _ variant: Variant, _ type: SubscribedType, node: [UInt8] = [], names: [String],
    known: [(name: String, version: String)] = []
  ) -> [UInt8] {
    switch variant {
    case .stateOfTheWorld:
      return framed(
        field(2, node) + names.flatMap { field(3, Array($0.utf8)) } + field(4, Array(type.url.utf8))
      )
    case .delta:
      var bytes = field(1, node) + field(2, Array(type.url.utf8))
      for name in names { bytes += field(3, Array(name.utf8)) }
      for known in known {
        bytes += field(5, field(1, Array(known.name.utf8)) + field(2, Array(known.version.utf8)))
      }
      return framed(bytes)
    }
  }

  /// An answer to a response. A state-of-the-world client repeats all names.
  static func acknowledgement(
    _ variant: Variant, _ type: SubscribedType, names: [UInt8], version: ArraySlice<UInt8>,
    nonce: ArraySlice<UInt8>
  ) -> [UInt8] {
    switch variant {
    case .stateOfTheWorld:
      framed(
        field(1, Array(version)) + names + field(4, Array(type.url.utf8)) + field(5, Array(nonce)))
    case .delta: framed(field(2, Array(type.url.utf8)) + field(6, Array(nonce)))
    }
  }

  static func field(_ number: UInt8, _ contents: [UInt8]) -> [UInt8] {
    contents.isEmpty ? [] : [number << 3 | 2] + varint(contents.count) + contents
  }

  private static func framed(_ message: [UInt8]) -> [UInt8] {
    [0] + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: message.count >> $0) } + message
  }

  private static func varint(_ value: Int) -> [UInt8] {
    var value = value
    var bytes: [UInt8] = []
    while value >= 0x80 {
      bytes.append(UInt8(value & 0x7f) | 0x80)
      value >>= 7
    }
    return bytes + [UInt8(value)]
  }
}

/// What stands before the resources of a response, in both variants.
struct ResponseHead {
  let type: SubscribedType
  let version: ArraySlice<UInt8>
  let nonce: ArraySlice<UInt8>
  /// Where the first resource or removed name begins.
  let end: Int

  init?(_ bytes: [UInt8]) {
    var (at, type) = (0, SubscribedType?.none)
    var (version, nonce) = (bytes[..<0], bytes[..<0])
    while at + 2 <= bytes.count {
      let (number, length) = (bytes[at] >> 3, Int(bytes[at + 1]))
      guard number == 1 || number == 4 || number == 5, at + 2 + length <= bytes.count else { break }
      let contents = bytes[(at + 2)..<(at + 2 + length)]
      switch number {
      case 1: version = contents
      case 4: type = SubscribedType(contents)
      case _: nonce = contents
      }
      at += 2 + length
    }
    guard let type else { return nil }
    (self.type, self.version, self.nonce, end) = (type, version, nonce, at)
  }
}

extension Holdings {
  /// Notes the resources of a whole delta response: `name` and `version` of each stand first.
  mutating func note(_ message: [UInt8], _ head: ResponseHead) {
    var at = head.end
    // Appended at once: adding to a list within a list copies it.
    var found: [(name: String, version: String)] = []
    while let (number, range) = Holdings.field(message, &at, end: message.count) {
      guard number == 2 else { continue }
      var (inner, name, version) = (range.lowerBound, "", "")
      while let (number, text) = Holdings.field(message, &inner, end: range.upperBound) {
        if number == 3 { name = String(decoding: message[text], as: UTF8.self) }
        if number == 1 { version = String(decoding: message[text], as: UTF8.self) }
      }
      found.append((name, version))
    }
    versions[head.type.rawValue] += found
  }

  /// The next field of bytes; all there are in a response have a length.
  private static func field(
    _ bytes: [UInt8], _ at: inout Int, end: Int
  ) -> (number: Int, contents: Range<Int>)? {
    guard at < end else { return nil }
    let number = Int(bytes[at] >> 3)
    at += 1
    var (length, shift) = (0, 0)
    while bytes[at] >= 0x80 {
      length |= Int(bytes[at] & 0x7f) << shift
      (at, shift) = (at + 1, shift + 7)
    }
    length |= Int(bytes[at]) << shift
    defer { at += 1 + length }
    return (number, (at + 1)..<(at + 1 + length))
  }
}
