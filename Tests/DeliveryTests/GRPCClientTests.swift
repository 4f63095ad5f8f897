import Foundation
import Segments
import Testing

@testable import Delivery

/// gRPC's own xDS client, which asks for each resource by its name. Python/grpc_client.py plays the
/// scenario and carries the messages; the streams are here.
@Suite struct GRPCClientTests {
  @Test func grpcFindsItsWay() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
    let process = Process()
    let (input, output) = (Pipe(), Pipe())
    process.executableURL = folder.appending(path: "../../.venv/bin/python").standardized
    process.arguments = [folder.appending(path: "Python/grpc_client.py").path]
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    var lines = PipeLines(output.fileHandleForReading)
    var carrier = Carrier()
    var last = ""
    while let line = lines.next() {
      last = line
      guard line != "end" else { break }
      let answers = try carrier.answer(line.split(separator: " ").map(String.init)) + ["done"]
      input.fileHandleForWriting.write(
        Data(answers.joined(separator: "\n").utf8 + [UInt8(ascii: "\n")]))
    }
    process.waitUntilExit()
    #expect(last == "end")
    #expect(process.terminationStatus == 0)
  }
}

/// What Python's lines do to a catalog and to the stream that is open.
private struct Carrier {
  private let catalog = Catalog { _, _ in nil }
  private var stream: DiscoveryStream?
  private var changes: [ResourceType: CatalogUpdate.Changes] = [:]

  mutating func answer(_ words: [String]) throws -> [String] {
    switch words[0] {
    case "open":
      let opened = DiscoveryStream(mode: .stateOfTheWorld, limits: DeliveryLimits())
      opened.use(catalog)
      stream = opened
    case "message":
      let node = try stream?.receive(XDSOracle.bytes(of: words[1]))
      if let node, !node.metadata.isEmpty {
        #expect(node.id == "greeter-client")
        #expect(try node.metadataTree(limits: DeliveryLimits())["A"]?["B"] != nil)
      }
    case "set":
      let type = try type(words[1])
      changes[type, default: .init()].upserts.append(
        Resource(type: type, name: words[2], body: Rope(XDSOracle.bytes(of: words[3]))))
    case "remove": changes[try type(words[1]), default: .init()].removals.append(words[2])
    case "commit":
      catalog.apply(CatalogUpdate(push: .number(1), changes: changes))
      changes = [:]
    case "status":
      let type = try type(words[1])
      return [stream?.status.types.first { $0.type == type }?.syncState.rawValue ?? "NOT SENT"]
    default: Issue.record("\(words)")
    }
    var sent: [String] = []
    while let response = stream?.nextResponse(now: .zero) {
      sent.append("send \(XDSOracle.hex(response.message.flattened()))")
    }
    return sent
  }

  private func type(_ service: String) throws -> ResourceType {
    try #require(ResourceType.allCases.first { $0.serviceName == service })
  }
}

private struct PipeLines {
  private let handle: FileHandle
  private var rest = Data()

  init(_ handle: FileHandle) { self.handle = handle }

  /// The next line, or nil at the end.
  mutating func next() -> String? {
    while true {
      if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: rest[..<end], as: UTF8.self)
        rest = Data(rest[rest.index(after: end)...])
        return line
      }
      let more = handle.availableData
      guard !more.isEmpty else { return nil }
      rest += more
    }
  }
}
