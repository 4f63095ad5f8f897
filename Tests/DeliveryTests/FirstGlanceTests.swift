import Delivery
import TestSupport
import Testing

@Suite struct FirstGlanceTests {
  private func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
    [number << 3 | 2, UInt8(bytes.count)] + bytes
  }

  private var node: [UInt8] {
    field(1, Array("router~1.2.3.4~a.b~b".utf8)) + field(2, Array("cluster".utf8))
  }

  @Test func aDeltaClientWithVersionsHasResources() throws {
    let versions = field(5, field(1, [0x61]) + field(2, [0x62]))
    let cold = field(1, node) + field(2, Array("type".utf8)) + field(3, [0x2a])
    #expect(try FirstGlance(at: cold, .delta).nodeID == "router~1.2.3.4~a.b~b")
    #expect(try !FirstGlance(at: cold, .delta).hasResources)
    #expect(try FirstGlance(at: cold + versions + versions, .delta).hasResources)
  }

  @Test func aStateOfTheWorldClientWithAVersionHasResources() throws {
    let cold = field(2, node) + field(4, Array("type".utf8))
    #expect(try FirstGlance(at: cold, .stateOfTheWorld).nodeID == "router~1.2.3.4~a.b~b")
    #expect(try !FirstGlance(at: cold, .stateOfTheWorld).hasResources)
    #expect(try !FirstGlance(at: field(1, []) + cold, .stateOfTheWorld).hasResources)
    #expect(try FirstGlance(at: field(1, [0x31]) + cold, .stateOfTheWorld).hasResources)
  }

  /// Whatever a peer sends is an answer or an error.
  @Test(arguments: UInt64(0)..<300) func anythingIsLookedAt(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in
      UInt8.random(in: 0...255, using: &random)
    }
    for mode in [DiscoveryStream.Mode.delta, .stateOfTheWorld] {
      do throws(WireError) {
        #expect(try FirstGlance(at: bytes, mode).nodeID.utf8.count <= bytes.count)
      } catch {
        #expect(!error.description.isEmpty)
      }
    }
  }
}
