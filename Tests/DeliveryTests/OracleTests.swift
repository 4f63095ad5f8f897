import Documents
import Foundation
import Segments
import TestSupport
import Testing

@testable import Delivery

/// The same messages, read and written by Google's own protobuf.
@Suite struct OracleTests {
  @Test(arguments: ["1", "2", "3"]) func requestsSayWhatTheirSenderMeant(seed: String) throws {
    let lines = try XDSOracle.run(["requests", seed])
    #expect(lines.count == 300)
    let limits = DeliveryLimits()
    for line in lines {
      let parts = line.split(separator: " ", maxSplits: 2)
      let bytes = XDSOracle.bytes(of: parts[1])
      let says = try XDSOracle.object(parts[2])
      if parts[0] == "sotw" {
        let request = try DiscoveryRequest(decoding: bytes, limits: limits)
        #expect(request.typeURL == says["typeURL"] as? String)
        #expect(request.nonce == says["nonce"] as? String)
        #expect(request.version == says["version"] as? String)
        #expect(request.names == says["names"] as? [String])
        try expect(request.node, limits, request.rejection, says)
      } else {
        let request = try DeltaDiscoveryRequest(decoding: bytes, limits: limits)
        #expect(request.typeURL == says["typeURL"] as? String)
        #expect(request.nonce == says["nonce"] as? String)
        #expect(request.subscribe == says["names"] as? [String])
        #expect(request.unsubscribe == says["unsubscribe"] as? [String])
        let known = Dictionary(
          uniqueKeysWithValues: request.initialVersions.map { ($0.name, $0.version) })
        #expect(known == says["versions"] as? [String: String])
        try expect(request.node, limits, request.rejection, says)
      }
    }
  }

  private func expect(
    _ node: ClientNode?, _ limits: DeliveryLimits, _ rejection: Rejection?, _ says: [String: Any]
  ) throws {
    #expect(rejection?.code == says["code"] as? Int)
    #expect(rejection?.message == says["message"] as? String)
    guard let expected = says["node"] as? [String: Any] else {
      #expect(node == nil)
      return
    }
    let node = try #require(node)
    #expect(node.id == expected["id"] as? String)
    #expect(node.cluster == expected["cluster"] as? String)
    #expect(node.locality.region == expected["region"] as? String)
    #expect(node.locality.zone == expected["zone"] as? String)
    #expect(node.locality.subZone == expected["subZone"] as? String)
    #expect(node.userAgentName == expected["userAgentName"] as? String)
    #expect(node.userAgentVersion == expected["userAgentVersion"] as? String)
    let tree = try node.metadataTree(limits: limits)
    let metadata = try #require(expected["metadata"] as? [String: Any])
    #expect(NSDictionary(dictionary: ["": tree.plain]) == NSDictionary(dictionary: ["": metadata]))
  }

  @Test(arguments: UInt64(0)..<3) func responsesAreReadAsTheyWereMeant(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var sent: [(mode: DiscoveryStream.Mode, response: DiscoveryResponse, bodies: [String: String])]
    sent = []
    for mode in [DiscoveryStream.Mode.stateOfTheWorld, .delta] {
      for type in ResourceType.allCases {
        var world = StreamHarness(mode)
        // Lengths around those where a varint grows.
        let bodies = [0, 1, 50, 127, 128, 300, 16_383, 16_384].enumerated().map {
          ("name-\($0)", String(repeating: "b", count: $1 + Int.random(in: 0...3, using: &random)))
        }
        let byName = Dictionary(uniqueKeysWithValues: bodies)
        world.set([type: byName.mapValues(Optional.some)])
        let names = byName.keys.sorted()
        switch mode {
        case .stateOfTheWorld: world.ask(type, names)
        case .delta: world.ask(type, plus: names + ["unknown"])
        }
        let response = try #require(world.stream.nextResponse(now: .zero))
        sent.append((mode, response, byName))
      }
    }
    let said = try XDSOracle.responses(sent.map { ($0.mode, $0.response.message.flattened()) })
    for ((mode, response, bodies), says) in zip(sent, said) {
      #expect(says["typeURL"] as? String == response.type.typeURL)
      #expect(says["nonce"] as? String == response.nonce)
      #expect(says["version"] as? String == response.version)
      let resources = try #require(says["resources"] as? [[String]])
      #expect(resources.count == response.resourceCount)
      #expect((says["removed"] as? [String])?.count == response.removedCount)
      let names = bodies.keys.sorted() + (resources.count > bodies.count ? ["unknown"] : [])
      for (name, resource) in zip(names, resources) where name != "unknown" {
        let body = Rope(Array(try #require(bodies[name]).utf8))
        #expect(resource[0] == response.type.typeURL)
        #expect(XDSOracle.bytes(of: resource[1]) == body.flattened())
        guard mode == .delta else { continue }
        #expect(resource[2] == name)
        #expect(resource[3] == body.hash.description)
      }
    }
  }
}

enum XDSOracle {
  struct Failed: Error { let status: Int32 }

  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()

  static func run(_ arguments: [String]) throws -> [Substring] {
    let process = Process()
    process.executableURL = folder.appending(path: "../../.venv/bin/python").standardized
    process.arguments = [folder.appending(path: "Python/discovery.py").path] + arguments
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failed(status: process.terminationStatus) }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
  }

  static func responses(
    _ messages: [(mode: DiscoveryStream.Mode, bytes: [UInt8])]
  ) throws -> [[String: Any]] {
    let file = FileManager.default.temporaryDirectory.appending(path: "xds-\(UUID())")
    let lines = messages.map { mode, bytes in
      "\(mode == .delta ? "delta" : "sotw") \(hex(bytes))\n"
    }
    try lines.joined().write(to: file, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(at: file) }
    return try run(["responses", file.path]).map(object)
  }

  static func object(_ text: Substring) throws -> [String: Any] {
    try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  static func hex(_ bytes: [UInt8]) -> String {
    bytes.map { String(format: "%02x", $0) }.joined()
  }

  static func bytes(of hex: some StringProtocol) -> [UInt8] {
    guard hex != "-" else { return [] }
    let digits = Array(hex.utf8).map { $0 > 57 ? $0 - 87 : $0 - 48 }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }
}

extension Node {
  /// As JSONSerialization has it.
  fileprivate var plain: Any {
    switch content {
    case .null: NSNull()
    case .bool(let value): value
    case .integer(let value): value
    case .number(let value): value
    case .string(let value): value
    case .sequence(let items): items.map(\.plain)
    case .mapping(let entries):
      Dictionary(uniqueKeysWithValues: entries.map { ($0.key, $0.value.plain) })
    }
  }
}
