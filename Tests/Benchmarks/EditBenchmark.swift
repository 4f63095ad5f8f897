import Foundation

/// One VirtualService edited on disk, over and over, as a connected gateway sees it.
func editBenchmark(_ shape: Shape, _ count: Int) throws -> [String] {
  let folder = FileManager.default.temporaryDirectory
    .appending(
      path: "fairlead-bench-\(ProcessInfo.processInfo.processIdentifier)-\(shape.rawValue)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  for file in shape.files(count) {
    try file.text.write(
      to: folder.appending(path: file.name), atomically: false, encoding: .utf8)
  }
  let started = ContinuousClock.now
  let server = try ServerProcess(serving: folder)
  report("start to listening", (ContinuousClock.now - started).text)
  let client = ADSClient(port: server.port, id: ingress, routes: shape.editedRoutes)
  _ = client.read(untilResponseOf: DiscoveryType.routes)
  var misses: [String] = []
  var edition = 0
  func edit() throws -> (latency: Duration, bytes: Int) {
    edition += 1
    let text = shape.virtualService(0, edition: edition)
    let start = ContinuousClock.now
    try text.write(to: folder.appending(path: Shape.edited), atomically: true, encoding: .utf8)
    let bytes = client.read(untilResponseOf: DiscoveryType.routes)
    return (ContinuousClock.now - start, bytes)
  }
  for _ in 0..<10 { _ = try edit() }

  let computed = server.counter("fairlead_values_computed_total")
  let processor = server.processorMilliseconds
  let edits = try (0..<100).map { _ in try edit() }
  let used = (server.processorMilliseconds - processor) / Double(edits.count)
  let values = (server.counter("fairlead_values_computed_total") - computed) / edits.count
  let latencies = edits.map(\.latency).sorted()
  let (p50, p99) = (latencies[latencies.count / 2], latencies[latencies.count * 99 / 100])
  report("edit to last byte of routes, p50", p50.text)
  report("edit to last byte of routes, p99", p99.text)
  report("bytes of routes an edit", "\(edits.last?.bytes ?? 0)")
  report("values computed an edit", "\(values)")
  report("processor time an edit, sending included", "\((used * 100).rounded() / 100) ms")
  if p50 > .milliseconds(15) {
    misses.append("\(shape.rawValue): edit to bytes p50 \(p50.text), budget 15 ms")
  }
  if used > 5 { misses.append("\(shape.rawValue): processor time an edit \(used) ms, budget 5 ms") }
  misses += memory(shape, server, client, edit: edit)
  return misses
}

private func memory(
  _ shape: Shape, _ server: ServerProcess, _ client: ADSClient,
  edit: () throws -> (latency: Duration, bytes: Int)
) -> [String] {
  let one = Double(server.residentKiB) / 1024
  report("resident memory, 1 client", "\((one * 10).rounded() / 10) MiB")
  let more = (0..<50).map { _ in
    ADSClient(port: server.port, id: ingress, routes: shape.editedRoutes)
  }
  for client in more { _ = client.read(untilResponseOf: DiscoveryType.routes) }
  let many = Double(server.residentKiB) / 1024
  report("resident memory, 51 clients", "\((many * 10).rounded() / 10) MiB")
  let start = ContinuousClock.now
  _ = try? edit()
  for client in more { _ = client.read(untilResponseOf: DiscoveryType.routes) }
  report("edit to last byte at the last of 51 clients", (ContinuousClock.now - start).text)
  var misses: [String] = []
  if one > 60 { misses.append("\(shape.rawValue): memory with 1 client \(one) MiB, budget 60") }
  if many > 150 {
    misses.append("\(shape.rawValue): memory with 51 clients \(many) MiB, budget 150")
  }
  return misses
}
