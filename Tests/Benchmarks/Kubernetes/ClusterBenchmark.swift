import Foundation
import Glibc
import Linux

/// A large cluster followed from an API server on loopback: from the start until a gateway has
/// everything, and then changes of endpoints, as that gateway sees them. `minor` is the server's
/// version: from 1.32 on lists come as watches.
func clusterBenchmark(_ count: Int, minor: Int) throws -> [String] {
  let objects = ClusterObjects(
    services: count, endpoints: 10, pods: 2 * count, routed: min(1000, count))
  let api = APIServer(objects, minor: minor)
  try api.start()
  report("what the server lists", "\(api.size / 1_000_000) MB")
  let kubeconfig = FileManager.default.temporaryDirectory
    .appending(path: "fairlead-bench-\(ProcessInfo.processInfo.processIdentifier).yaml")
  try """
  {"apiVersion": "v1", "kind": "Config", "current-context": "bench",
   "contexts": [{"name": "bench", "context": {"cluster": "bench", "user": "bench"}}],
   "clusters": [{"name": "bench", "cluster": {"server": "http://127.0.0.1:\(api.port)"}}],
   "users": [{"name": "bench", "user": {}}]}
  """.write(to: kubeconfig, atomically: true, encoding: .utf8)
  defer { try? FileManager.default.removeItem(at: kubeconfig) }

  let started = ContinuousClock.now
  let server = try ServerProcess(["--kubeconfig", kubeconfig.path])
  let gateway = ADSClient(
    port: server.port, id: ingress, routes: ["http.8080"],
    endpoints: (0..<objects.routed).map(objects.cluster))
  var seen: Set<String> = []
  while seen.count < objects.routed { seen.formUnion(gateway.readAssignments()) }
  let first = ContinuousClock.now - started
  report("start to a gateway's first snapshot", first.text)
  report("processor time until then", "\(server.processorMilliseconds.rounded()) ms")
  report("resident memory then", "\(server.residentKiB / 1024) MiB")
  report("most resident memory so far", "\(server.peakKiB / 1024) MiB")

  var changes = EndpointChanges(objects, api)
  let single = (0..<500).map { _ in
    // Each by itself: those that come one upon the other are told together.
    Linux.pause(.milliseconds(6))
    let (cluster, sent) = changes.send()
    while !gateway.readAssignments().contains(cluster) {}
    return ContinuousClock.now - sent
  }.sorted()
  report("one change to its bytes, p50", single[single.count / 2].text)
  report("one change to its bytes, p99", single[single.count * 99 / 100].text)
  let load = try changes.send(1000, seconds: 10, to: gateway, server)
  report("resident memory at the end", "\(server.residentKiB / 1024) MiB")
  var misses: [String] = []
  func demand(_ holds: Bool, _ what: String) {
    if !holds { misses.append("kubernetes: \(what)") }
  }
  demand(first < .seconds(4), "first snapshot \(first.text), budget 4 s")
  demand(server.residentKiB < 350 << 10, "memory \(server.residentKiB >> 10) MiB, budget 350")
  demand(single[single.count / 2] < .milliseconds(2), "one change p50, budget 2 ms")
  demand(load.p99 < .milliseconds(10), "1,000 changes/s p99 \(load.p99.text), budget 10 ms")
  demand(load.processor < 0.2, "1,000 changes/s took \(load.processor) of a core, budget 0.2")
  return misses
}

/// Endpoints that become unready and ready again, one service after the other.
private struct EndpointChanges: Sendable {
  private let objects: ClusterObjects
  private let api: APIServer
  private let watch: CInt
  private var count = 0
  private static let slices = "/apis/discovery.k8s.io/v1/endpointslices"

  init(_ objects: ClusterObjects, _ api: APIServer) {
    self.objects = objects
    self.api = api
    guard let watch = api.watch(EndpointChanges.slices) else {
      preconditionFailure("slices are watched once they were listed")
    }
    self.watch = watch
  }

  /// Whose endpoint changes next.
  var cluster: String { objects.cluster(count % objects.routed) }

  /// Sends the next change; answers the cluster it is in, and when. `note` is told both first.
  @discardableResult mutating func send(
    _ note: (String, ContinuousClock.Instant) -> Void = { _, _ in }
  ) -> (cluster: String, at: ContinuousClock.Instant) {
    let service = count % objects.routed
    let isEven = count / objects.routed % 2 == 0
    count += 1
    let slice = objects.slice(
      service, version: "\(1000 + count)", notReady: isEven ? service % objects.endpoints : nil)
    let event = "{\"type\":\"MODIFIED\",\"object\":\(slice)}\n"
    let chunk = APIServer.chunk(Array(event.utf8))
    let now = ContinuousClock.now
    note(objects.cluster(service), now)
    APIServer.send(chunk, to: watch)
    return (objects.cluster(service), now)
  }

  struct Load {
    /// Changes a second.
    let rate: Int
    let p99: Duration
    /// Of one core.
    let processor: Double
  }

  /// So many changes a second, evenly, for a while.
  mutating func send(
    _ rate: Int, seconds: Int, to gateway: ADSClient, _ server: ServerProcess
  ) throws -> Load {
    let waiting = Lock<[String: ContinuousClock.Instant]>([:])
    let total = rate * seconds
    let processor = server.processorMilliseconds
    let began = ContinuousClock.now
    let sender = try Linux.Thread(name: "changes") { [changes = self] in
      var changes = changes
      for number in 0..<total {
        let due = began + .seconds(1) / rate * number
        let now = ContinuousClock.now
        if due > now { Linux.pause(due - now) }
        // One whose last change is not there yet is waited for: fewer are held then.
        while waiting.withLock({ $0[changes.cluster] != nil }) { Linux.pause(.milliseconds(1)) }
        changes.send { cluster, now in waiting.withLock { $0[cluster] = now } }
      }
    }
    count += total
    var latencies: [Duration] = []
    while latencies.count < total {
      let names = gateway.readAssignments()
      let now = ContinuousClock.now
      for name in names {
        if let sent = waiting.withLock({ $0.removeValue(forKey: name) }) {
          latencies.append(now - sent)
        }
      }
    }
    sender.join()
    let taken = ContinuousClock.now - began
    let used = (server.processorMilliseconds - processor) / taken.milliseconds
    let sorted = latencies.sorted()
    let p99 = sorted[sorted.count * 99 / 100]
    let held = Int(Double(total) / taken.milliseconds * 1000)
    report("changes a second held", "\(held)")
    report("  change to its bytes, p50", sorted[sorted.count / 2].text)
    report("  change to its bytes, p99", p99.text)
    report("  of a core", "\((used * 1000).rounded() / 10) %")
    return Load(rate: held, p99: p99, processor: used)
  }
}
