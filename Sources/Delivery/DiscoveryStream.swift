/// One client's aggregated discovery stream, without the stream: messages go in through
/// ``receive(_:)``, responses are pulled out with ``nextResponse(now:)``, one at a time and always
/// made from the catalog as it is at that moment. So a slow client costs no backlog.
///
/// Order: what is named is sent before what names it, in the order of ``ResourceType``. Changed
/// listeners and routes wait until the client has accepted changed clusters, which Envoy does once
/// they are warm. Removals wait until everything that may name the removed has been accepted. A
/// rejection is remembered for its type and holds up nothing else; a missing answer holds things up
/// for ``DeliveryLimits/patience``.
///
/// Not here, on purpose: sockets, gRPC framing, clocks, and what the resources mean.
package final class DiscoveryStream {
  package enum Mode: Sendable {
    case stateOfTheWorld
    case delta
  }

  package let mode: Mode
  /// When to call ``nextResponse(now:)`` again although nothing happens: something waits for an
  /// answer that may not come.
  package internal(set) var deadline: Duration?

  let limits: DeliveryLimits
  var catalog: Catalog?
  /// By raw value of the type; nil until the client asks for the type.
  var subscriptions = [Subscription?](repeating: nil, count: ResourceType.allCases.count)
  var order = PushOrder()
  /// Clusters that were sent before their endpoints were asked for.
  var warming = WarmingClusters()
  private var verdict: Verdict?
  private var nonceCount = 0
  private var unknownTypeRequests = 0

  package init(mode: Mode, limits: DeliveryLimits) {
    self.mode = mode
    self.limits = limits
  }

  /// Serves from this catalog from now on: the first one once the client is known, another one when
  /// it has become a client of another class. What both have alike is not sent again.
  package func use(_ catalog: Catalog) {
    guard self.catalog !== catalog else { return }
    let isMoved = self.catalog != nil
    if let former = self.catalog {
      catchUp()
      for type in ResourceType.allCases { subscriptions[type.rawValue]?.leave(former[type]) }
      former.leave(ObjectIdentifier(self))
    }
    self.catalog = catalog
    catalog.enter(self)
    // What the other class lacks of the client's things came with the push that made it one of them.
    for index in subscriptions.indices where isMoved && subscriptions[index]?.pending == nil {
      subscriptions[index]?.pending = catalog.lastPush
    }
  }

  deinit { catalog?.leave(ObjectIdentifier(self)) }

  /// Hears of all that changed in the catalog.
  func catchUp() {
    guard let catalog else { return }
    for type in ResourceType.allCases where !catalog.awaits(type) {
      subscriptions[type.rawValue]?.catchUp(with: catalog)
    }
  }

  /// Takes a message of the client and answers the node it states, if any: only the first message
  /// must. After an error the stream is of no more use.
  package func receive(_ message: [UInt8]) throws(WireError) -> ClientNode? {
    switch mode {
    case .stateOfTheWorld:
      let request = try DiscoveryRequest(decoding: message, limits: limits)
      receive(request)
      return request.node
    case .delta:
      let request = try DeltaDiscoveryRequest(decoding: message, limits: limits)
      receive(request)
      return request.node
    }
  }

  /// What the client has said of a response since this was last asked; the newest of it.
  package func takeVerdict() -> Verdict? {
    defer { verdict = nil }
    return verdict
  }

  /// Takes a client's answer by `body`, and notes it if it counts: one to an earlier response does not.
  func receive(
    _ reason: Rejection?, of type: ResourceType, by body: (inout Subscription) -> Void
  ) {
    guard var subscription = subscriptions[type.rawValue] else { return }
    subscriptions[type.rawValue] = nil
    let awaited = subscription.flight
    body(&subscription)
    if let awaited, subscription.flight == nil {
      verdict = Verdict(type: type, push: awaited.push, sentAt: awaited.sentAt, rejection: reason)
    }
    subscriptions[type.rawValue] = subscription
  }

  /// The next response to send, or nil if there is none now.
  package func nextResponse(now: Duration) -> DiscoveryResponse? {
    deadline = nil
    guard let catalog else { return nil }
    catchUp()
    for type in ResourceType.allCases {
      let isWholeState = mode == .stateOfTheWorld && type.isRoot
      guard let scope = scope(of: type, now: now),
        let batch = subscriptions[type.rawValue]?.takeBatch(
          scope, from: catalog, isWholeState: isWholeState)
      else { continue }
      guard
        let response = response(of: type, batch, from: catalog)?
          .bringing(batch.push, upTo: Push.newer(batch.push, catalog[type].lastPush))
      else {
        subscriptions[type.rawValue]?.settle(batch.names)
        continue
      }
      subscriptions[type.rawValue]?.didSend(
        response, batch, isWholeState: isWholeState, now: now, limits: limits)
      didSend(type, batch)
      return response
    }
    return nil
  }

  /// Whether there is something to send that waits for the client, or for its turn.
  package var hasWork: Bool {
    // By index: what a client has is not copied to be looked at.
    subscriptions.indices.contains { subscriptions[$0]?.hasWork == true }
  }

  /// Nil for a client that has been sent all there is, and has answered.
  package var lag: Lag? {
    guard let catalog else { return nil }
    var lag: Lag?
    for index in subscriptions.indices {
      // Most clients lack nothing most of the time: that costs no copy.
      guard subscriptions[index]?.isSettled(in: catalog) == false,
        let subscription = subscriptions[index]
      else { continue }
      if let push = subscription.unsentPush(in: catalog) {
        lag.delay(since: push.changedAt, push.number)
        lag?.unsent.insert(subscription.type)
      }
      if let flight = subscription.flight {
        lag.delay(since: flight.push?.changedAt ?? flight.sentAt, flight.push?.number)
        lag?.unanswered.insert(subscription.type)
      }
    }
    return lag
  }

  /// Whether the client has asked for listeners, and has everything it has asked for.
  package var isComplete: Bool {
    subscriptions[ResourceType.listener.rawValue] != nil
      && subscriptions.allSatisfy { $0?.isSettled ?? true }
  }

  package var status: StreamStatus {
    StreamStatus(
      types: subscriptions.compactMap { subscription in
        subscription.map { StreamStatus.TypeStatus($0, catalog?[$0.type]) }
      },
      unknownTypeRequests: unknownTypeRequests)
  }

  /// What the client was sent last, by name: the answer to "what does this proxy have".
  package func held(_ type: ResourceType) -> [Resource] {
    guard let catalog else { return [] }
    catchUp()
    return subscriptions[type.rawValue]?.held(catalog[type]) ?? []
  }

  /// What the client was sent last, or has from an earlier stream, whose content is not kept here.
  package func replaced(_ type: ResourceType) -> [KnownVersion] {
    guard let catalog else { return [] }
    catchUp()
    return subscriptions[type.rawValue]?.replaced(catalog[type]) ?? []
  }

  /// The type a request is about; nil, and counted, if it is none that is served.
  func knownType(_ typeURL: String) -> ResourceType? {
    let type = ResourceType(typeURL: typeURL)
    if type == nil { unknownTypeRequests += 1 }
    return type
  }

  private func response(
    of type: ResourceType, _ batch: Batch, from catalog: Catalog
  ) -> DiscoveryResponse? {
    let table = catalog[type]
    switch mode {
    case .delta:
      return .delta(
        type: type, nonce: takeNonce(), version: table.version,
        entries: table.entries(of: batch.resources, mode), batch: batch)
    case .stateOfTheWorld where type.isRoot:
      guard let state = subscriptions[type.rawValue]?.wholeState(from: table) else { return nil }
      let shared = state.isAll ? [table.assembledEntries()] : []
      return .stateOfTheWorld(
        type: type, nonce: takeNonce(), version: version(of: type, batch, in: table),
        entries: shared + state.resources.map(\.stateOfTheWorldEntry),
        count: state.resources.count + (state.isAll ? table.count : 0))
    case .stateOfTheWorld:
      // There is no way to say that something does not exist; the client has its own timeout.
      guard !batch.resources.isEmpty else { return nil }
      return .stateOfTheWorld(
        type: type, nonce: takeNonce(), version: version(of: type, batch, in: table),
        entries: table.entries(of: batch.resources, mode), count: batch.resources.count)
    }
  }

  private func version(of type: ResourceType, _ batch: Batch, in table: ResourceTable) -> String {
    subscriptions[type.rawValue]?.version(table, sent: batch.names) ?? table.version
  }

  /// Envoy warms a changed cluster until it is sent its endpoints, changed or not, and does not ask
  /// for them if it had before (xDS "Resource warming").
  private func didSend(_ type: ResourceType, _ batch: Batch) {
    order.didSend(type)
    let endpoints = ResourceType.endpoints.rawValue
    if type == .cluster {
      if subscriptions[endpoints] == nil {
        warming.add(batch.fresh, limits: limits)
      } else {
        for name in batch.fresh where subscriptions[endpoints]?.names.contains(name) == true {
          subscriptions[endpoints]?.owed.insert(name)
        }
      }
    }
    if type == .routes { oweVirtualHosts(of: batch.resources.map(\.name)) }
  }

  /// Envoy drops virtual hosts of a route configuration that it does not have yet, and does not ask
  /// again once it has it: they follow every configuration that is sent.
  private func oweVirtualHosts(of routes: [String]) {
    let virtualHosts = ResourceType.virtualHost.rawValue
    guard let catalog, subscriptions[virtualHosts]?.isWildcard == true else { return }
    for route in routes {
      subscriptions[virtualHosts]?.owed.formUnion(catalog[.virtualHost].names(in: route))
    }
  }

  private func takeNonce() -> String {
    nonceCount += 1
    return String(nonceCount, radix: 16)
  }
}

extension StreamStatus.TypeStatus {
  init(_ subscription: Subscription, _ table: ResourceTable?) {
    self.init(
      type: subscription.type, isWildcard: subscription.isWildcard,
      nameCount: subscription.names.count, heldCount: table.map(subscription.heldCount) ?? 0,
      retainedCount: subscription.removals.count, rejectedNames: subscription.rejected.sorted(),
      isUnanswered: subscription.flight != nil,
      record: subscription.record)
  }
}
