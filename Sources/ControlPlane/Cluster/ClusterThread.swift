internal import Compiler
internal import Ingest
internal import Linux
internal import Resources

/// A thread that follows one cluster's Kubernetes API: it reads, and hands over what it read.
final class ClusterThread: Sendable {
  private let stopping: EventFD
  private let orders: Inbox<Order>
  private let thread: Thread

  /// What it is told while it runs.
  private enum Order: Sendable {
    case tellAgain
    case move(ClusterAccess)
    case read(Set<ContentName>)
  }

  /// Where what it has to say goes.
  struct Audience: Sendable {
    /// False where the batch cannot be taken yet.
    let take: @Sendable (ReadBatch) -> Bool
    let show: @Sendable (ClusterStatus) -> Void
    let backlog: Backlog
  }

  /// What passes between it and the others.
  private struct Shared: Sendable {
    let access: ClusterAccess
    let options: KubernetesSource.Options
    let audience: Audience
    let stopping: EventFD
    let orders: Inbox<Order>
  }

  /// Starts it. `onFailure` is told if it cannot go on.
  init(
    _ access: ClusterAccess, _ options: KubernetesSource.Options, to audience: Audience,
    onFailure: @escaping @Sendable (String) -> Void
  ) throws(LinuxError) {
    stopping = try EventFD()
    orders = try Inbox(limit: Limits.waitingMessages)
    let shared = Shared(
      access: access, options: options, audience: audience, stopping: stopping, orders: orders)
    thread = try Thread(name: "kubernetes") {
      do throws(KubernetesSource.Failure) {
        try ClusterThread.run(shared)
      } catch {
        onFailure("\(error)")
      }
    }
  }

  /// Tells it to end. Nobody waits for that: a credential plugin may take longer than the process has.
  func stop() { stopping.signal() }

  /// Has it list and hand over everything once more.
  func tellAgain() { _ = orders.post(.tellAgain) }

  /// Has it ask there, with these credentials.
  func move(to access: ClusterAccess) { _ = orders.post(.move(access)) }

  /// Has it read these whole, and no others.
  func read(_ demand: SecretDemand.Objects) {
    let secrets = demand.secrets.map {
      ContentName(plural: "secrets", namespace: $0.namespace, name: $0.name)
    }
    let configMaps = demand.configMaps.map {
      ContentName(plural: "configmaps", namespace: $0.namespace, name: $0.name)
    }
    _ = orders.post(.read(Set(secrets + configMaps)))
  }

  /// How often what the pages show is brought up to date, at most, and though nothing happens.
  private static let shortPulse = Duration.milliseconds(50)
  private static let pulse = Duration.seconds(1)

  /// How long after a look at changes that found some the next is taken: to wake three threads costs as
  /// much as a few changes do. One that comes alone never waits. From the beginning of a look, so that
  /// none waits longer where there was much to read.
  private static let period = Duration.microseconds(6500)

  private static func run(_ shared: Shared) throws(KubernetesSource.Failure) {
    let source = try KubernetesSource(shared.access, shared.options, now: .now)
    do throws(LinuxError) {
      let epoll = try Epoll()
      try epoll.add(source.descriptor, .readable, token: 0)
      try epoll.add(shared.stopping.descriptor, .readable, token: 1)
      try epoll.add(shared.orders.descriptor, .readable, token: 2)
      var shown = ContinuousClock.now - pulse
      var isShown = false
      // Before then no more is read, and nobody woken: changes that come one upon the other are handed
      // over together.
      var next = ContinuousClock.now
      var isAllTold = false
      let recent = RecentSlices()
      while true {
        pause(until: next)
        let events = try epoll.wait(timeout: isShown ? pulse : shortPulse)
        if events.contains(where: { $0.token == 1 }) { return }
        if events.contains(where: { $0.token == 2 }) {
          for order in shared.orders.takeAll() { try obey(order, source) }
        }
        let began = ContinuousClock.now
        let batch = events.isEmpty ? nil : try source.changes(now: began)
        // A thousand changes a second are not a thousand pictures of it; who is ready has the last.
        isShown = events.isEmpty || !isAllTold || .now - shown >= shortPulse
        if isShown {
          shown = .now
          shared.audience.show(
            ClusterStatus(
              server: source.server, kinds: source.states(now: shown),
              waitingFor: source.waitingFor()))
        }
        guard let batch else { continue }
        isAllTold = batch.origin == .cluster(.complete)
        guard try hand(batch, to: shared, recalling: recent) else { return }
        if isAllTold { next = began + period }
      }
    } catch {
      throw .system(error)
    }
  }

  private static func pause(until instant: ContinuousClock.Instant) {
    let early = instant - .now
    if early > .zero { Linux.pause(early) }
  }

  private static func obey(_ order: Order, _ source: KubernetesSource) throws(LinuxError) {
    switch order {
    case .tellAgain: try source.tellAgain(now: .now)
    case .move(let access): try source.move(to: access, now: .now)
    case .read(let objects): try source.read(objects, now: .now)
    }
  }

  /// What the compile thread has not taken yet is bounded: beyond that this thread stops reading, and
  /// the server's own buffers fill. False when it is to end.
  private static func hand(
    _ batch: Batch, to shared: Shared, recalling recent: RecentSlices
  ) throws(LinuxError) -> Bool {
    let settings = shared.options.settings.map { [$0.meshConfig, $0.meshNetworks] } ?? []
    let batch = ReadBatch(batch, settings: settings, recalling: recent)
    let backlog = shared.audience.backlog
    backlog.add(batch.files.count)
    var isPosted = shared.audience.take(batch)
    guard !isPosted || backlog.isFull else { return true }
    let stop = try Epoll()
    try stop.add(shared.stopping.descriptor, .readable, token: 0)
    while !isPosted || backlog.isFull {
      guard try stop.wait(timeout: .milliseconds(20)).isEmpty else {
        // Nobody will take it, nor count it as taken.
        if !isPosted { backlog.remove(batch.files.count) }
        return false
      }
      isPosted = isPosted || shared.audience.take(batch)
    }
    return true
  }
}
