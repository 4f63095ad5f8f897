import Foundation
import Testing
import Transport

/// h2load, nghttp2's own load generator, counts; how long it takes is nobody's business here.
@Suite struct LoadTests {
  /// Small windows, so that every response is cut by flow control, and large ones.
  @Test(arguments: [10, 16, 30], [1, 3]) func everyRequestIsAnsweredOnce(
    windowBits: Int, threads: Int
  ) throws {
    let server = try EchoServer(threads: threads)
    let body = FileManager.default.temporaryDirectory.appending(path: "message-\(UUID())")
    defer { try? FileManager.default.removeItem(at: body) }
    let message = Data([UInt8](repeating: 7, count: 20_000))
    try (Data([0, 0, 0, 0x4e, 0x20]) + message).write(to: body)
    let lines = try Client(
      "/usr/bin/h2load",
      [
        "-n", "3000", "-c", "20", "-m", "20", "-w", "\(windowBits)", "-W", "\(windowBits)",
        "-d", body.path, "-H", "content-type: application/grpc",
        "http://\(server.address)/test.Echo/Stream",
      ]
    ).end()
    #expect(
      lines.contains(
        "requests: 3000 total, 3000 started, 3000 done, 3000 succeeded, 0 failed, 0 errored, 0 timeout"
      ))
    #expect(lines.contains("status codes: 3000 2xx, 0 3xx, 0 4xx, 0 5xx"))
    #expect(lines.contains { $0.contains("(60015000) data") })
    let counters = try server.report().counters
    #expect(counters.accepted == 20 && counters.bytesSent > 3000 * 20_005)
    server.shutDown()
    #expect(server.loads.now == Array(repeating: 0, count: threads))
  }
}
