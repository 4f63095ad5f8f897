import Documents
import TestSupport
import Testing

@testable import EnvoyAPI

/// Bytes that a peer or a patch may bring: each is read or refused, none is fatal.
@Suite struct HostileBytesTests {
  private let value = MessageType(named: "google.protobuf.Value")

  /// A Value that is a list of one Value that is a list …, as 74 KB can say it.
  private func nested(_ depth: Int, fields: [Int] = [1, 6]) -> [UInt8] {
    // From the inside out, backwards.
    var bytes: [UInt8] = []
    for _ in 0..<depth {
      for field in fields {
        var prefix: [UInt8] = []
        prefix.append(tag: field, .lengthDelimited)
        prefix.appendVarint(UInt64(bytes.count))
        bytes += prefix.reversed()
      }
    }
    return bytes.reversed()
  }

  @Test func aStructTwentyThousandDeepIsRefused() throws {
    let type = try #require(value)
    let bytes = nested(20_001)
    #expect(bytes.count > 74_000)
    guard case .failure(let problem) = type.node(from: bytes) else {
      Issue.record("read")
      return
    }
    #expect(problem.reason == .tooDeep)
  }

  @Test func aDeepChainIsNotMerged() throws {
    let type = try #require(MessageType(named: "envoy.config.rbac.v3.Permission"))
    let bytes = nested(20_001, fields: [8])
    guard case .failure(let problem) = type.merged(bytes, with: bytes) else {
      Issue.record("merged")
      return
    }
    #expect(problem.reason == .tooDeep)
  }

  @Test func whatProtobufItselfReadsIsReadAndNoDeeper() throws {
    let type = try #require(value)
    // Each level is a Value and a ListValue; the innermost is empty.
    #expect((try? type.node(from: nested(50)).get()) != nil)
    #expect((try? type.node(from: nested(51)).get()) == nil)
  }

  @Test func aDeepTreeIsNotWritten() throws {
    let type = try #require(value)
    var node: Node = "bottom"
    for _ in 0..<200 { node = [node] }
    #expect(type.encoded(from: node).problems.map(\.reason) == [.tooDeep])
  }

  @Test(arguments: UInt64(0)..<40) func randomBytesAreReadOrRefused(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let types = MessageType.all
    for _ in 0..<500 {
      let type = types[Int.random(in: 0..<types.count, using: &random)]
      let bytes = (0..<Int.random(in: 0...60, using: &random)).map { _ in
        // Small numbers are tags and lengths more often than not.
        UInt8.random(in: 0...(Bool.random(using: &random) ? 40 : 255), using: &random)
      }
      let read = type.node(from: bytes)
      let merged = type.merged(bytes, with: bytes)
      // A merge looks at layout only; what cannot be merged cannot be read.
      if case .failure = merged, case .success = read {
        Issue.record("seed \(seed): \(type.name) \(bytes)")
      }
    }
  }

  @Test func textThatIsNotUTF8IsRefused() throws {
    let type = try #require(MessageType(named: "envoy.config.cluster.v3.Cluster"))
    guard case .failure(let problem) = type.node(from: [0x0A, 1, 0xFF]) else {
      Issue.record("read")
      return
    }
    #expect(problem.reason == .notUTF8)
  }

  @Test func everyTypeIsKnownByItsNameAndURL() {
    for type in MessageType.all {
      #expect(MessageType(named: type.name) == type)
      #expect(MessageType(url: type.url) == type)
    }
  }
}
