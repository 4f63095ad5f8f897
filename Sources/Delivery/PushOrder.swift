/// Which type of a stream may be sent now.
struct PushOrder {
  /// Since when types that name clusters wait for clusters to be accepted, maybe for several
  /// responses in a row. They do not for ever, or a steady flow of cluster changes would starve them.
  private var waitingSince: [ResourceType: Duration] = [:]
  private var cameBack: CameBack?

  private enum CameBack {
    case now
    case until(Duration)
  }

  mutating func didSend(_ type: ResourceType) { waitingSince[type] = nil }

  /// The client has resources of an earlier stream: until it has asked again for all types it has,
  /// nothing says what they need.
  mutating func clientCameBack() { if cameBack == nil { cameBack = .now } }

  /// Until when a type that is due waits for clusters to be accepted.
  mutating func end(ofWaitOf type: ResourceType, now: Duration, patience: Duration) -> Duration {
    let start = waitingSince[type] ?? now
    waitingSince[type] = start
    return start + patience
  }

  /// Until when a type that was not asked for may yet be.
  mutating func end(ofReturn now: Duration, patience: Duration) -> Duration? {
    switch cameBack {
    case nil: return nil
    case .now:
      cameBack = .until(now + patience)
      return now + patience
    case .until(let end):
      if now >= end { cameBack = nil }
      return now >= end ? nil : end
    }
  }
}

extension DiscoveryStream {
  /// How much of a type may be sent now; nil if nothing.
  func scope(of type: ResourceType, now: Duration) -> Subscription.Scope? {
    guard subscriptions[type.rawValue]?.hasWork == true, !isUpcoming(type) else { return nil }
    // One unanswered response a type.
    guard !isAwaited(type, now: now) else { return nil }
    if type.namesClusters {
      // Made from today's catalog, it may name a cluster of today: those go first.
      guard !hasUnsent(.cluster), !hasUnsent(.endpoints), !isUpcoming(.cluster),
        !isUpcoming(.endpoints)
      else { return nil }
      if waitsForClusters(type, now: now) {
        return requestScope(type)
      }
    }
    return mayRemove(type, now: now) ? .removals : .changes
  }

  /// Envoy accepts clusters once they are warm: until then a route to one answers 503.
  private func waitsForClusters(_ type: ResourceType, now: Duration) -> Bool {
    guard subscriptions[ResourceType.cluster.rawValue]?.flight?.isFresh == true,
      isAwaited(.cluster, now: now)
    else { return false }
    let end = order.end(ofWaitOf: type, now: now, patience: limits.patience)
    if now < end { wake(at: end) }
    return now < end
  }

  /// What need not wait for clusters: names the client asks for, and the first answer about all
  /// there is. A client that has listeners already can wait for others.
  private func requestScope(_ type: ResourceType) -> Subscription.Scope? {
    guard let subscription = subscriptions[type.rawValue], subscription.hasRequests else {
      return nil
    }
    guard type.isRoot else { return .requested }
    return subscription.hasNothing || catalog?[type].count == 0 ? .changes : nil
  }

  private func isUpcoming(_ type: ResourceType) -> Bool { catalog?.awaits(type) == true }

  private func hasUnsent(_ type: ResourceType) -> Bool {
    subscriptions[type.rawValue]?.hasUnsent == true
  }

  /// Whether the answer to the last response is still waited for.
  private func isAwaited(_ type: ResourceType, now: Duration) -> Bool {
    guard let end = subscriptions[type.rawValue]?.flight?.deadline, now < end else { return false }
    wake(at: end)
    return true
  }

  /// Whether nothing the client holds can still need what is gone.
  private func mayRemove(_ type: ResourceType, now: Duration) -> Bool {
    guard let removals = subscriptions[type.rawValue]?.removals, !removals.isEmpty else {
      return true
    }
    return removals.count > limits.retained
      || type.users.allSatisfy { !isUpcoming($0) && isSettled($0, now: now) }
  }

  private func isSettled(_ type: ResourceType, now: Duration) -> Bool {
    if let isSettled = subscriptions[type.rawValue]?.isSettled { return isSettled }
    guard let end = order.end(ofReturn: now, patience: limits.patience) else { return true }
    wake(at: end)
    return false
  }

  private func wake(at time: Duration) { deadline = deadline.map { min($0, time) } ?? time }
}

extension Subscription {
  /// Whether the client waits for an answer.
  fileprivate var hasRequests: Bool { owesAnswer || !owed.isEmpty }
}
