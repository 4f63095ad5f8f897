internal import Delivery
internal import EnvoyAPI
internal import GRPC
internal import Mesh
internal import Resources
internal import Segments
internal import Transport

/// The aggregated discovery service: the streams of all clients and the catalogs they are served
/// from, as far as they are on this I/O thread.
///
/// Who a client is goes to the compile thread; what it is sent comes back as ``Instruction``s.
final class DiscoveryService {
  /// What the compile thread is told.
  enum Event: Sendable {
    case connected(StreamNumber, ConnectedProxy)
    case disconnected(StreamNumber)
    /// What a client will not have of which push, in its own words.
    case rejected(proxy: String, ResourceType, Rejection, push: UInt64?)
    case slow(SlowClients.News)
  }

  private(set) var calls: [StreamNumber: DiscoveryCall] = [:]
  private(set) var counters = Counters()
  /// What the connections below the streams have to say.
  var transport: () -> ServerCounters = { ServerCounters() }
  private let loop: EventLoop
  private let limits: DeliveryLimits
  private let sendsVirtualHosts: Bool
  private let tell: (Event) -> Void
  let log: PushLog
  private var slowClients = SlowClients()
  private var catalogs: [ClassNumber: ServedCatalog] = [:]
  private let numbers: StreamNumbers
  private(set) var admission = Admission(limits: Limits.admission)
  private var admitsSoon = false
  private var looksAgain = false

  private struct ServedCatalog {
    let catalog: Catalog
    var streams: Set<StreamNumber> = []
  }

  /// What has been sent since the start, for metrics.
  struct Counters: Sendable {
    var pushes: [ResourceType: Int] = [:]
    var bytes: [ResourceType: Int] = [:]
    var connections = 0
  }

  /// `sendsVirtualHosts` says whether clients that can take them by themselves are sent them so.
  init(
    loop: EventLoop, limits: DeliveryLimits, numbers: StreamNumbers, sendsVirtualHosts: Bool,
    log: PushLog,
    tell: @escaping (Event) -> Void
  ) {
    self.loop = loop
    self.limits = limits
    self.numbers = numbers
    self.sendsVirtualHosts = sendsVirtualHosts
    self.log = log
    self.tell = tell
  }

  /// What streams and pushes count time by.
  var elapsed: Duration { log.elapsed }

  /// The paths it answers.
  var routes: [String: Route] {
    let service = "/envoy.service.discovery.v3.AggregatedDiscoveryService/"
    return [
      service + "StreamAggregatedResources": { [unowned self] in open($0, .stateOfTheWorld) },
      service + "DeltaAggregatedResources": { [unowned self] in open($0, .delta) },
    ]
  }

  private func open(_ call: Call, _ mode: DiscoveryStream.Mode) -> any Responder {
    let number = numbers.next()
    counters.connections += 1
    let opened = DiscoveryCall(
      call, number: number, stream: DiscoveryStream(mode: mode, limits: limits), service: self)
    calls[number] = opened
    return opened
  }

  /// The oldest stream of a client whose id contains `text`, as istiod finds it.
  func call(matching text: String) -> DiscoveryCall? {
    calls.values.filter { $0.proxy?.id.contains(text) ?? false }.min { $0.number < $1.number }
  }

  /// How many resources of each type each class of this thread's clients is sent, and their digest.
  var sums: [ClassNumber: [(type: ResourceType, count: Int, hash: ContentHash)]] {
    catalogs.mapValues { served in
      ResourceType.allCases.map { ($0, served.catalog[$0].count, served.catalog[$0].digest) }
    }
  }

  // MARK: What calls say

  /// Secrets go to clients on this machine: their claim to be who they are is believed.
  func identified(_ call: DiscoveryCall, as node: ProxyNode, version: EnvoyVersion?) {
    let canTakeVirtualHosts = call.stream.mode == .delta && version?.takesVirtualHosts == true
    tell(
      .connected(
        call.number,
        ConnectedProxy(
          node, mayHaveSecrets: call.peer.isLocal,
          takesVirtualHosts: sendsVirtualHosts && canTakeVirtualHosts)))
  }

  /// A client waits until it is admitted; false if too many do.
  func wait(_ call: DiscoveryCall, _ rank: Admission.Rank, bytes: Int) -> Bool {
    guard admission.enter(call.number, rank, bytes: bytes, at: elapsed) else { return false }
    admitSoon()
    return true
  }

  /// There is nothing more for a client for now.
  func saidAll(_ call: DiscoveryCall) {
    guard let rank = admission.underway(call.number), admission.isAssigned(call.number),
      call.isServed(rank)
    else { return }
    admission.leave(call.number, sentBytes: call.sentBytes)
    admitSoon()
  }

  /// At the end of the turn, when all who came in it are known.
  private func admitSoon() {
    guard !admitsSoon, admission.waitingCount > 0 else { return }
    admitsSoon = true
    loop.soon { [weak self] in self?.admit() }
  }

  private func admit() {
    admitsSoon = false
    let now = elapsed
    admission.expire(at: now)
    // By the clock: what clients bring is read here, and takes what it takes.
    while elapsed - now < admission.limits.pace {
      guard let number = admission.next(at: now) else { return lookAgain() }
      calls[number]?.admit()
    }
    admitSoon()
  }

  /// Not before somebody is done, or has had the time for it.
  private func lookAgain() {
    guard !looksAgain, let end = admission.nextEnd else { return }
    looksAgain = true
    _ = loop.at(log.instant(of: end)) { [weak self] in
      self?.looksAgain = false
      self?.admitSoon()
    }
  }

  func rejected(_ type: ResourceType, _ reason: Rejection, of push: UInt64?, by proxy: String) {
    tell(.rejected(proxy: proxy, type, reason, push: push))
  }

  func ended(_ call: DiscoveryCall) {
    guard calls.removeValue(forKey: call.number) != nil else { return }
    for number in catalogs.keys { catalogs[number]?.streams.remove(call.number) }
    admission.leave(call.number, sentBytes: nil)
    admitSoon()
    if call.proxy != nil { tell(.disconnected(call.number)) }
  }

  func wake(_ call: DiscoveryCall, at deadline: Duration) {
    let number = call.number
    _ = loop.at(log.instant(of: deadline)) { [weak self] in self?.calls[number]?.wake() }
  }

  func didSend(_ response: DiscoveryResponse, to call: DiscoveryCall) {
    counters.pushes[response.type, default: 0] += 1
    counters.bytes[response.type, default: 0] += response.message.count
    lookForSlowClientsSoon()
  }

  // MARK: Clients that are behind

  /// Looks once in a while, as long as any client is behind; while nothing happens nobody looks.
  private func lookForSlowClientsSoon() {
    guard slowClients.begin() else { return }
    _ = loop.at(loop.now + Limits.slowAfter) { [weak self] in self?.lookForSlowClients() }
  }

  private func lookForSlowClients() {
    let clients = calls.values.lazy.compactMap { call in
      call.stream.lag.map { (call.number, call.proxy?.id ?? call.peer.address, $0) }
    }
    if let news = slowClients.look(at: clients, now: elapsed) {
      log.slowed(news.count)
      tell(.slow(news))
    }
    if slowClients.areAnyBehind { lookForSlowClientsSoon() }
  }

  /// How many clients are slow.
  var slowClientCount: Int { slowClients.count }

  // MARK: What the compile thread says

  func perform(_ instructions: [Instruction]) {
    for instruction in instructions {
      switch instruction {
      case .update(let number, let update):
        if catalogs[number] == nil {
          catalogs[number] = ServedCatalog(
            catalog: Catalog(placeholder: DiscoveryService.placeholder))
        }
        guard let served = catalogs[number], served.catalog.apply(update) else { continue }
        for stream in served.streams { calls[stream]?.wake() }
        lookForSlowClientsSoon()
      case .assign(let stream, let number):
        guard let call = calls[stream], let served = catalogs[number] else { continue }
        for other in catalogs.keys { catalogs[other]?.streams.remove(stream) }
        catalogs[number]?.streams.insert(stream)
        call.stream.use(served.catalog)
        admission.assigned(stream, at: elapsed)
        call.wake()
      case .drop(let number): catalogs[number] = nil
      }
    }
  }

  /// istiod answers every name of a route configuration and an assignment, with an empty one if it
  /// knows none.
  private static func placeholder(_ type: ResourceType, _ name: String) -> Rope? {
    switch type {
    case .routes:
      Rope(Envoy.encode { Envoy.RouteConfiguration(name: name, validateClusters: false) })
    case .endpoints: Rope(Envoy.encode { Envoy.ClusterLoadAssignment(clusterName: name) })
    case .cluster, .listener, .virtualHost, .secret, .extensionConfig: nil
    }
  }
}
