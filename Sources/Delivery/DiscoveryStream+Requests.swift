internal import Segments

/// The name that subscribes to all there is, for clusters and listeners.
private let wildcard = "*"

extension DiscoveryStream {
  /// A state-of-the-world request says all names wanted. With a stale nonce it is ignored: the
  /// client sends another one for the response that made it stale (xDS "Resource updates").
  func receive(_ request: DiscoveryRequest) {
    guard let type = knownType(request.typeURL) else { return }
    var isAnew = request.nonce.isEmpty
    if subscriptions[type.rawValue] == nil {
      var subscription = Subscription(type: type)
      if believesVersion(of: type), let digest = ContentHash(request.version) {
        subscription.claim = .digest(digest)
        order.clientCameBack()
      }
      if type == .endpoints { warming = WarmingClusters() }
      subscriptions[type.rawValue] = subscription
      isAnew = true
    }
    receive(request.rejection, of: type) {
      $0.receive(request, isAnew ? .anew : .inReply, limits: limits)
    }
  }

  /// Whether the version that a client brings says what it has. It does for all there is of a type. Of
  /// names a client may have dropped one and asked for it again, and lost its stream before the
  /// answer, with the version of what it had before: then it would wait for ever. With endpoints
  /// that is not so for a client of all clusters: until it has them it does not accept the cluster,
  /// and is sent that again and with it them.
  private func believesVersion(of type: ResourceType) -> Bool {
    type.isRoot
      || type == .endpoints && warming.isEmpty
        && subscriptions[ResourceType.cluster.rawValue]?.isWildcard == true
  }

  /// A delta request adds and takes away names, whatever its nonce (xDS "Incremental xDS").
  func receive(_ request: DeltaDiscoveryRequest) {
    guard let type = knownType(request.typeURL) else { return }
    guard subscriptions[type.rawValue] == nil else {
      receive(request.rejection, of: type) { $0.receive(request, limits: limits) }
      return
    }
    subscriptions[type.rawValue] = Subscription(type: type, first: request, limits: limits)
    if !request.initialVersions.isEmpty { order.clientCameBack() }
    if type == .endpoints { oweEndpointsOfSentClusters() }
  }

  /// Clusters sent on this stream before their endpoints were asked for are warming, so the versions
  /// that the client has of those will not do.
  private func oweEndpointsOfSentClusters() {
    let endpoints = ResourceType.endpoints.rawValue
    let sent = warming.names
    warming = WarmingClusters()
    for name in sent where subscriptions[endpoints]?.names.contains(name) == true {
      subscriptions[endpoints]?.owed.insert(name)
    }
  }
}

/// Clusters that a client was sent and that wait for endpoints it has not asked for yet.
struct WarmingClusters {
  private(set) var names: Set<String> = []

  var isEmpty: Bool { names.isEmpty }

  mutating func add(_ sent: [String], limits: DeliveryLimits) {
    if names.count < limits.names { names.formUnion(sent) }
  }
}

extension Subscription {
  enum Standing {
    /// The client has seen no response yet, or acts as if.
    case anew
    case inReply
  }

  fileprivate mutating func receive(
    _ request: DiscoveryRequest, _ standing: Standing, limits: DeliveryLimits
  ) {
    switch standing {
    case .inReply:
      let isStale = nonce != nil && nonce != request.nonce
      receive(answerTo: request.nonce, rejection: request.rejection)
      if isStale { return noteDropped(request.names) }
    case .anew: break
    }
    record.refusedNames += request.refusedNames
    if !isSame(request.names) { replaceNames(request.names, limits: limits) }
    owed.formUnion(dropped.intersection(names))
    dropped = []
    if standing == .anew || hasDroppedAll {
      owed.formUnion(names)
      owesAnswer = isWildcard
      hasDroppedAll = false
    }
  }

  /// A stale request changes nothing, but a client that unsubscribed in it and asks again in the next
  /// one has thrown away what it had in between.
  private mutating func noteDropped(_ requested: [String]) {
    dropped.formUnion(names.subtracting(requested))
    if isWildcard, !wantsAll(requested) { hasDroppedAll = true }
  }

  /// Nearly every request is an answer that repeats the names.
  private func isSame(_ requested: [String]) -> Bool {
    !isWildcard && !names.isEmpty && requested.count == names.count
      && requested.allSatisfy(names.contains)
  }

  private func wantsAll(_ requested: [String]) -> Bool {
    type.isRoot && (requested.contains(wildcard) || (requested.isEmpty && !hasNamed))
  }

  private mutating func replaceNames(_ requested: [String], limits: DeliveryLimits) {
    let wantsAll = wantsAll(requested)
    var wanted = Set(requested)
    wanted.remove(wildcard)
    if !requested.isEmpty { hasNamed = true }
    if isWildcard, !wantsAll {
      names.formIntersection(wanted)
      endWildcard()
    }
    for name in names.subtracting(wanted) { unsubscribe(from: name) }
    for name in wanted.subtracting(names) { subscribe(to: name, limits: limits) }
    if wantsAll, !isWildcard { startWildcard() }
  }
}

extension Subscription {
  /// The first request of a type in delta mode, which may bring what an earlier stream left.
  fileprivate init(type: ResourceType, first request: DeltaDiscoveryRequest, limits: DeliveryLimits)
  {
    self.init(type: type)
    record.refusedNames += request.refusedNames
    let isImplied = request.subscribe.isEmpty && request.unsubscribe.isEmpty
    if type.isRoot, isImplied || request.subscribe.contains(wildcard) { startWildcard() }
    names.reserveCapacity(request.subscribe.count)
    for name in request.subscribe where name != wildcard { want(name, limits: limits) }
    guard request.initialVersions.isEmpty else {
      // What the client has is compared, not asked for.
      claim = .names(request.initialVersions)
      return
    }
    owed = names
  }

  fileprivate mutating func receive(_ request: DeltaDiscoveryRequest, limits: DeliveryLimits) {
    record.refusedNames += request.refusedNames
    if !request.nonce.isEmpty { receive(answerTo: request.nonce, rejection: request.rejection) }
    for name in request.unsubscribe {
      if name == wildcard, type.isRoot {
        endWildcard()
      } else if isWildcard, names.remove(name) != nil {
        // The client cannot know whether "*" still covers the name, so it is told.
        owed.insert(name)
      } else {
        unsubscribe(from: name)
      }
    }
    for name in request.subscribe {
      if name != wildcard {
        subscribe(to: name, limits: limits)
      } else if isWildcard {
        owesAll = true
      } else if type.isRoot {
        startWildcard()
      }
    }
  }
}
