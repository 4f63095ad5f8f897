package import Compiler
package import Delivery
package import Mesh

/// A client's stream, by the number its I/O thread gave it.
package typealias StreamNumber = UInt64
/// A class of proxies, by the number all threads know it under.
package typealias ClassNumber = Int

/// What an I/O thread has to do to its catalogs and streams, in this order.
package enum Instruction: Sendable {
  case update(ClassNumber, CatalogUpdate)
  /// The stream is served from the class's catalog from now on.
  case assign(StreamNumber, ClassNumber)
  /// Nobody is of this class any more.
  case drop(ClassNumber)
}

/// Keeps track, on the compile thread, of which clients there are and what they are sent, and turns
/// what a change of the mesh recomputed into instructions for the I/O threads.
package final class Publisher {
  private let compilation: Compilation
  private let feeds: [ChangeFeed]
  private var streams: [StreamNumber: ConnectedProxy] = [:]
  private var nodes: [ConnectedProxy: NodeUse] = [:]
  private var classes: [ProxyClass: ClassUse] = [:]
  /// Classes that nobody is of any more: those of before ``forgetIdle()`` and those since.
  private var idle: (before: Set<ProxyClass>, since: Set<ProxyClass>) = ([], [])
  private var lastClassNumber = 0
  /// The last run of the compiler.
  private(set) var lastPush: Push?
  private let clock: () -> Duration

  private struct NodeUse {
    var streams: Set<StreamNumber>
    var proxyClass: ProxyClass
  }
  private struct ClassUse {
    let number: ClassNumber
    var nodeCount: Int
  }

  /// `clock` says what time it is for streams.
  package init(_ compilation: Compilation, clock: @escaping () -> Duration) {
    self.compilation = compilation
    self.clock = clock
    let clusters = ChangeFeed.pair(
      (.cluster, compilation.clusters), (.endpoints, compilation.endpoints))
    feeds =
      clusters + [
        ChangeFeed(.listener, compilation.listeners),
        ChangeFeed(.routes, compilation.routes),
        ChangeFeed(.virtualHost, compilation.virtualHosts),
        ChangeFeed(.secret, compilation.secrets),
        ChangeFeed(.extensionConfig, compilation.extensions),
      ]
  }

  /// The classes of proxies that are compiled for, in the order they came.
  package var connectedClasses: [ProxyClass] {
    classes.filter { $0.value.nodeCount > 0 }.sorted { $0.value.number < $1.value.number }.map(
      \.key)
  }

  /// The same with their numbers, and how many proxies are of each.
  package var numberedClasses: [(number: ClassNumber, proxyClass: ProxyClass, proxies: Int)] {
    classes.map { ($0.value.number, $0.key, $0.value.nodeCount) }.sorted { $0.0 < $1.0 }
  }

  /// How many classes of proxies are compiled for.
  package var classCount: Int { classes.count }

  /// A client has said who it is. What is to be done for it is performed part by part where it is the
  /// first of its class and there is much: what is compiled already goes out while the rest is compiled.
  package func connect(
    _ stream: StreamNumber, as node: ConnectedProxy, perform: ([Instruction]) -> Void
  ) {
    let gone = disconnect(stream)
    streams[stream] = node
    if let use = nodes[node] {
      nodes[node]?.streams.insert(stream)
      return perform(gone + [.assign(stream, number(of: use.proxyClass))])
    }
    let start = clock()
    let proxyClass = compilation.model.proxies.proxyClass.observe(node)
    nodes[node] = NodeUse(streams: [stream], proxyClass: proxyClass)
    let isFirst = countIn(proxyClass)
    let assignment = Instruction.assign(stream, number(of: proxyClass))
    guard isFirst else { return perform(gone + [assignment]) }
    var (before, after) = (gone, [assignment])
    compileParts(for: proxyClass) { contents, upcoming in
      let update = CatalogUpdate(
        push: compiled(since: start), changes: contents, upcoming: upcoming)
      perform(before + [.update(number(of: proxyClass), update)] + after)
      (before, after) = ([], [])
    }
  }

  /// Clusters and endpoints may be sent before what names them is known.
  private func compileParts(
    for proxies: ProxyClass,
    _ take: ([ResourceType: CatalogUpdate.Changes], _ upcoming: Set<ResourceType>) -> Void
  ) {
    var part: [ResourceType: CatalogUpdate.Changes] = [:]
    for (place, feed) in feeds.enumerated() {
      part[feed.type] = feed.start(proxies)
      guard feed.type == .cluster || feed.type == .endpoints,
        part.values.reduce(0, { $0 + $1.upserts.count }) >= Limits.promptResources
      else { continue }
      take(part, Set(feeds[(place + 1)...].map(\.type)))
      part = [:]
    }
    take(part, [])
  }

  package func disconnect(_ stream: StreamNumber) -> [Instruction] {
    guard let node = streams.removeValue(forKey: stream), var use = nodes[node] else { return [] }
    use.streams.remove(stream)
    nodes[node] = use
    guard use.streams.isEmpty else { return [] }
    nodes[node] = nil
    compilation.model.proxies.proxyClass.unobserve(node)
    return leave(use.proxyClass)
  }

  /// Settles the graph after inputs changed, the first of them at `changedAt`, and answers what that
  /// comes to.
  package func publish(changedAt: Duration) -> [Instruction] {
    compilation.model.graph.settle()
    var entered: Contents = [:]
    var moved: [Instruction] = []
    var left: [Instruction] = []
    for (node, proxyClass) in compilation.model.proxies.proxyClass.takeChanges() {
      guard let use = nodes[node], use.proxyClass != proxyClass else { continue }
      nodes[node]?.proxyClass = proxyClass
      entered.merge(enter(proxyClass)) { _, new in new }
      moved += use.streams.sorted().map { .assign($0, number(of: proxyClass)) }
      left += leave(use.proxyClass)
    }
    let changed = changes()
    let push = compiled(since: changedAt)
    return updates(entered, of: push) + updates(changed, of: push) + told(moved, of: push) + moved
      + left
  }

  private typealias Contents = [ProxyClass: [ResourceType: CatalogUpdate.Changes]]

  /// The classes that streams move to hear of the push that moves them, whatever it changes there.
  private func told(_ moved: [Instruction], of push: Push) -> [Instruction] {
    var numbers: Set<ClassNumber> = []
    for case .assign(_, let number) in moved { numbers.insert(number) }
    return numbers.sorted().map { .update($0, CatalogUpdate(push: push, changes: [:])) }
  }

  private func changes() -> Contents {
    var changes: Contents = [:]
    for feed in feeds {
      for (proxies, changed) in feed.takeChanges() {
        changes[proxies, default: [:]][feed.type] = changed
      }
    }
    return changes
  }

  private func compiled(since changedAt: Duration) -> Push {
    let push = Push(
      number: (lastPush?.number ?? 0) + 1, changedAt: changedAt, compiledAt: clock())
    lastPush = push
    return push
  }

  private func updates(_ contents: Contents, of push: Push) -> [Instruction] {
    contents.compactMap { proxies, changes in
      classes[proxies].map { ($0.number, CatalogUpdate(push: push, changes: changes)) }
    }.sorted { $0.0 < $1.0 }.map { .update($0.0, $0.1) }
  }

  private func number(of proxies: ProxyClass) -> ClassNumber {
    guard let use = classes[proxies] else {
      preconditionFailure("a node's class is entered before it is asked for")
    }
    return use.number
  }

  /// Counts a node into a class, and compiles for the class if it is the first.
  private func enter(_ proxies: ProxyClass) -> Contents {
    guard countIn(proxies) else { return [:] }
    let all = feeds.map { ($0.type, $0.start(proxies)) }
    return [proxies: Dictionary(uniqueKeysWithValues: all)]
  }

  /// Answers whether the class is new.
  private func countIn(_ proxies: ProxyClass) -> Bool {
    if classes[proxies] != nil {
      classes[proxies]?.nodeCount += 1
      idle.before.remove(proxies)
      idle.since.remove(proxies)
      return false
    }
    lastClassNumber += 1
    classes[proxies] = ClassUse(number: lastClassNumber, nodeCount: 1)
    return true
  }

  /// All that a class is sent now: for another thread that comes to have clients of it.
  package func contents(of number: ClassNumber) -> CatalogUpdate? {
    guard let proxies = classes.first(where: { $0.value.number == number })?.key else { return nil }
    let all = feeds.map { ($0.type, $0.contents(proxies)) }
    return lastPush.map {
      CatalogUpdate(push: $0, changes: Dictionary(uniqueKeysWithValues: all))
    }
  }

  /// A class that its last client leaves is kept for a while: who ends a stream mostly comes again.
  private func leave(_ proxies: ProxyClass) -> [Instruction] {
    guard let use = classes[proxies] else { return [] }
    classes[proxies]?.nodeCount -= 1
    guard use.nodeCount == 1 else { return [] }
    guard idle.before.count + idle.since.count < Limits.idleClasses else { return forget(proxies) }
    idle.since.insert(proxies)
    return []
  }

  /// Whether there are classes that nobody is of.
  package var hasIdleClasses: Bool { !idle.before.isEmpty || !idle.since.isEmpty }

  /// Gives up the classes that nobody has been of since before the last call.
  package func forgetIdle() -> [Instruction] {
    let gone = idle.before
    idle = (idle.since, [])
    return gone.sorted { number(of: $0) < number(of: $1) }.flatMap { forget($0) }
  }

  private func forget(_ proxies: ProxyClass) -> [Instruction] {
    guard let use = classes.removeValue(forKey: proxies) else { return [] }
    for feed in feeds { feed.stop(proxies) }
    compilation.model.proxies.forget(proxies)
    return [.drop(use.number)]
  }
}
