import Documents
import TestSupport
import Testing

@testable import Delivery

/// Bytes of peers who mean no good, or are not well.
@Suite struct HostileBytesTests {
  private static let limits = DeliveryLimits()

  /// Whatever arrives is a request or an error, and the process goes on.
  @Test(arguments: UInt64(0)..<20) func randomBytesAreReadOrRefused(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    for _ in 0..<2000 {
      let count = Int.random(in: 0...60, using: &random)
      Self.read((0..<count).map { _ in UInt8.random(in: 0...255, using: &random) })
    }
  }

  @Test(arguments: UInt64(0)..<20) func cutAndBentRequestsAreReadOrRefused(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let whole = Self.request(metadata: Self.nested(depth: 5))
    for _ in 0..<2000 {
      var bytes = whole
      for _ in 0..<Int.random(in: 0...3, using: &random) {
        bytes[Int.random(in: bytes.indices, using: &random)] = .random(in: 0...255, using: &random)
      }
      Self.read(Array(bytes.prefix(.random(in: 0...bytes.count, using: &random))))
    }
  }

  /// Each length but the whole one ends in the middle of a field or says less; none says more.
  @Test func aTruncatedRequestIsNeverMistakenForTheWhole() throws {
    let bytes = Self.request(metadata: Self.nested(depth: 3))
    let whole = try DiscoveryRequest(decoding: bytes, limits: Self.limits)
    for count in 0..<bytes.count {
      let part = try? DiscoveryRequest(decoding: Array(bytes.prefix(count)), limits: Self.limits)
      #expect(part != whole)
    }
  }

  @Test func metadataFiftyThousandDeepIsAnError() throws {
    let bytes = Self.request(metadata: Self.nested(depth: 50_000))
    let node = try #require(try DiscoveryRequest(decoding: bytes, limits: Self.limits).node)
    #expect(throws: WireError.tooDeep(limit: 32)) { try node.metadataTree(limits: Self.limits) }
    let list = Self.request(metadata: Self.nested(depth: 50_000, isList: true))
    let other = try #require(try DiscoveryRequest(decoding: list, limits: Self.limits).node)
    #expect(throws: WireError.tooDeep(limit: 32)) { try other.metadataTree(limits: Self.limits) }
  }

  @Test func metadataAsDeepAsAllowedIsRead() throws {
    let limits = DeliveryLimits(metadataDepth: 6)
    for depth in 1...8 {
      let bytes = Self.request(metadata: Self.nested(depth: depth))
      let node = try #require(try DiscoveryRequest(decoding: bytes, limits: limits).node)
      if depth <= 6 {
        #expect(try node.metadataTree(limits: limits).depth == depth)
      } else {
        #expect(throws: WireError.tooDeep(limit: 6)) { try node.metadataTree(limits: limits) }
      }
    }
  }

  @Test func longMetadataIsAnError() {
    let limits = DeliveryLimits(metadataLength: 100)
    let bytes = Self.request(metadata: [UInt8](repeating: 0, count: 101))
    #expect(throws: WireError.tooLong(count: 101, limit: 100)) {
      try DiscoveryRequest(decoding: bytes, limits: limits)
    }
  }

  @Test func namesBeyondTheLimitAreCountedAndNotKept() throws {
    let limits = DeliveryLimits(names: 10, nameLength: 5)
    var writer = WireWriter()
    for _ in 0..<15 { writer.text("name", field: 3) }
    writer.text("too long", field: 3)
    let request = try DiscoveryRequest(decoding: writer.bytes, limits: limits)
    #expect(request.names.count == 10)
    #expect(request.refusedNames == 6)
  }

  @Test func aLongRejectionIsCut() throws {
    let limits = DeliveryLimits(messageLength: 10)
    var status = WireWriter()
    status.text(String(repeating: "ä", count: 1000), field: 2)
    var writer = WireWriter()
    writer.message(status.bytes, field: 6)
    let request = try DiscoveryRequest(decoding: writer.bytes, limits: limits)
    #expect(request.rejection?.message == "äääää")
  }

  @Test func whatIsWrongIsSaid() {
    func error(_ bytes: [UInt8]) -> WireError? {
      do {
        _ = try DiscoveryRequest(decoding: bytes, limits: Self.limits)
        return nil
      } catch {
        return error
      }
    }
    #expect(error([0x0a]) == .truncated)
    #expect(error([0x0a, 5, 1]) == .truncated)
    #expect(error([0x0a] + [UInt8](repeating: 0xff, count: 9) + [1]) == .truncated)
    #expect(error([0x08] + [UInt8](repeating: 0xff, count: 11)) == .overlongVarint)
    #expect(error([0x02, 0]) == .fieldNumber(0))
    #expect(error([0x0b]) == .wireType(3, field: 1))
    #expect(error([0x0a, 1, 0xff]) == .notUTF8(field: 1))
    #expect(error([0x0d, 1, 2, 3]) == .truncated)
  }

  private static func read(_ bytes: [UInt8]) {
    let node = try? DiscoveryRequest(decoding: bytes, limits: limits).node
    _ = try? node?.metadataTree(limits: limits)
    _ = try? DeltaDiscoveryRequest(decoding: bytes, limits: limits)
    for mode in [DiscoveryStream.Mode.stateOfTheWorld, .delta] {
      _ = try? DiscoveryStream(mode: mode, limits: limits).receive(bytes)
    }
  }

  private static func request(metadata: [UInt8]) -> [UInt8] {
    var node = WireWriter()
    node.text("router~1.1.1.1~a.b~b.svc.cluster.local", field: 1)
    node.message(metadata, field: 3)
    var writer = WireWriter()
    writer.text("v1", field: 1)
    writer.message(node.bytes, field: 2)
    writer.text("a", field: 3)
    writer.text(ResourceType.endpoints.typeURL, field: 4)
    return writer.bytes
  }

  /// A Struct in a Struct in a Struct, `depth` of them.
  private static func nested(depth: Int, isList: Bool = false) -> [UInt8] {
    var bytes: [UInt8] = []
    // Written back to front, since each level states the length of those within.
    for level in 1...depth where level > 1 || !isList {
      if level == 1 {
        bytes = []
      } else if isList, level < depth {
        bytes = field(1, field(6, bytes))
      } else {
        bytes = field(1, field(1, [0x6b]) + field(2, field(isList ? 6 : 5, bytes)))
      }
    }
    return bytes
  }

  private static func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
    var length: [UInt8] = []
    var rest = bytes.count
    repeat {
      length.append(UInt8(rest & 0x7f) | (rest > 0x7f ? 0x80 : 0))
      rest >>= 7
    } while rest > 0
    return [number << 3 | 2] + length + bytes
  }
}

extension Node {
  fileprivate var depth: Int {
    switch content {
    case .mapping(let entries): 1 + (entries.map(\.value.depth).max() ?? 0)
    case .sequence(let items): 1 + (items.map(\.depth).max() ?? 0)
    case .null, .bool, .integer, .number, .string: 0
    }
  }
}
