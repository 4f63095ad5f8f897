import TestSupport

@testable import Delivery

/// A client that keeps what it is sent as Envoy would, over a connection that is slow in both
/// directions. Within a type messages keep their order; a client's messages of different types may
/// overtake each other, as Envoy pauses types one by one.
struct SimulatedClient {
  struct Kept: Hashable {
    var content: ModelMesh.Content
    var version: String
  }

  let mode: DiscoveryStream.Mode
  var stream: DiscoveryStream
  /// Envoy accepts clusters only when each has been sent its endpoints.
  let warmsClusters: Bool
  /// Endpoints and routes are asked for as clusters and listeners name them, as Envoy does.
  let followsReferences: Bool

  /// Responses of this type are taken and never answered.
  var mute: ResourceType?

  var isWildcard: Set<ResourceType> = []
  var wanted: [ResourceType: Set<String>] = [:]
  var kept: [ResourceType: [String: Kept]] = [:]
  var warming: Set<String> = []
  /// Clusters the client itself would not have.
  var refusedClusters: Set<String> = []

  private(set) var toServer: [ResourceType: [[UInt8]]] = [:]
  private var toClient: [DiscoveryResponse] = []
  private var nonces: [ResourceType: String] = [:]
  /// Of the last response of a type that was accepted, in state of the world.
  private var versions: [ResourceType: String] = [:]
  private var delayedAcks: [ReadResponse] = []
  /// Responses made and not yet answered, as the server sees it.
  private var unanswered: [ResourceType: [String: Duration]] = [:]
  private(set) var resourcesReceived: [ResourceType: Int] = [:]
  private(set) var failures: [String] = []

  init(
    mode: DiscoveryStream.Mode, catalog: Catalog, warmsClusters: Bool, followsReferences: Bool
  ) {
    self.mode = mode
    self.warmsClusters = warmsClusters
    self.followsReferences = followsReferences
    stream = DiscoveryStream(mode: mode, limits: DeliveryLimits())
    stream.use(catalog)
  }

  var isIdle: Bool { toClient.isEmpty && toServer.values.allSatisfy(\.isEmpty) }

  // MARK: - The connection

  /// The server makes one response, if it has any to make.
  mutating func pull(now: Duration) -> Bool {
    guard let response = stream.nextResponse(now: now) else { return false }
    let earliest = now - stream.limits.patience / 64
    if unanswered[response.type]?.values.contains(where: { $0 > earliest }) == true {
      failures.append("two \(response.type) responses are unanswered")
    }
    unanswered[response.type, default: [:]][response.nonce] = now
    toClient.append(response)
    return true
  }

  mutating func deliverToServer(_ type: ResourceType) throws {
    guard let message = toServer[type]?.first else { return }
    toServer[type]?.removeFirst()
    _ = try stream.receive(message)
    switch mode {
    case .delta:
      unanswered[type]?.removeValue(
        forKey: try DeltaDiscoveryRequest(decoding: message, limits: stream.limits).nonce)
    case .stateOfTheWorld:
      unanswered[type]?.removeValue(
        forKey: try DiscoveryRequest(decoding: message, limits: stream.limits).nonce)
    }
  }

  mutating func deliverToClient(refusing isRefused: Bool) throws {
    guard !toClient.isEmpty else { return }
    let sent = toClient.removeFirst()
    let response = try ReadResponse(sent.message.flattened(), mode: mode)
    guard let type = response.type else {
      failures.append("a response without a type")
      return
    }
    resourcesReceived[type, default: 0] += response.resources.count
    nonces[type] = response.nonce
    let isReal = response.resources.contains { ModelMesh.Content(text: $0.body).edition != 0 }
    if isRefused, isReal {
      refuse(type, response)
    } else {
      accept(type, response)
    }
  }

  /// The connection breaks; what was under way is lost, what is kept stays or is lost too.
  mutating func reconnect(to catalog: Catalog, keeping isKept: Bool) {
    stream = DiscoveryStream(mode: mode, limits: DeliveryLimits())
    stream.use(catalog)
    (toServer, toClient, nonces, delayedAcks, unanswered) = ([:], [], [:], [], [:])
    // Endpoints of a known version are not sent again: Envoy stops waiting by its own clock.
    warming = []
    if !isKept {
      (kept, versions) = ([:], [:])
      if followsReferences { (wanted[.endpoints], wanted[.routes]) = (nil, nil) }
    }
    for type in ResourceType.allCases where isWildcard.contains(type) || wanted[type] != nil {
      // An empty first request would mean everything.
      if type.isRoot, !isWildcard.contains(type), wanted[type]?.isEmpty == true {
        wanted[type] = nil
        continue
      }
      switch mode {
      case .stateOfTheWorld: requestState(type)
      case .delta: requestFirst(type)
      }
    }
  }

  // MARK: - Answers

  private mutating func refuse(_ type: ResourceType, _ response: ReadResponse) {
    for resource in response.resources {
      let content = ModelMesh.Content(text: resource.body)
      if type == .cluster { refusedClusters.insert(content.name) }
      // Bad endpoints end the warming as good ones do.
      if type == .endpoints { warming.remove(content.name) }
    }
    answer(type, nonce: response.nonce, rejection: Rejection(code: 3, message: "no"))
    sendDelayedAcks()
  }

  private mutating func accept(_ type: ResourceType, _ response: ReadResponse) {
    let before = kept[type] ?? [:]
    var after = mode == .stateOfTheWorld && type.isRoot ? [:] : before
    var names: Set<String> = []
    for resource in response.resources {
      let content = ModelMesh.Content(text: resource.body)
      if let name = resource.name, name != content.name { failures.append("misnamed \(name)") }
      if !names.insert(content.name).inserted { failures.append("\(content.name) twice") }
      guard wants(type, content.name) else { continue }
      after[content.name] = Kept(content: content, version: resource.version)
    }
    for name in response.removed { after[name] = nil }
    kept[type] = after
    switch type {
    case .cluster:
      refusedClusters.subtract(after.keys)
      for (name, new) in after where before[name]?.content != new.content {
        warming.insert(name)
      }
      warming.formIntersection(after.keys)
      if followsReferences { want(Set(after.keys), of: .endpoints) }
    case .endpoints: warming.subtract(names)
    case .listener:
      if followsReferences { want(Set(after.values.flatMap(\.content.routes)), of: .routes) }
    case .routes, .virtualHost, .secret, .extensionConfig: break
    }
    if type == .cluster, warmsClusters, !warming.isEmpty {
      delayedAcks.append(response)
    } else {
      versions[type] = response.version
      answer(type, nonce: response.nonce, rejection: nil)
    }
    sendDelayedAcks()
  }

  private mutating func sendDelayedAcks() {
    guard warming.isEmpty else { return }
    for response in delayedAcks {
      versions[.cluster] = response.version
      answer(.cluster, nonce: response.nonce, rejection: nil)
    }
    delayedAcks = []
  }

  private mutating func answer(_ type: ResourceType, nonce: String, rejection: Rejection?) {
    guard type != mute else { return }
    switch mode {
    case .stateOfTheWorld: requestState(type, rejection: rejection)
    case .delta:
      var request = DeltaDiscoveryRequest()
      request.typeURL = type.typeURL
      request.nonce = nonce
      request.rejection = rejection
      toServer[type, default: []].append(request.encoded)
    }
  }

  // MARK: - Subscriptions

  func wants(_ type: ResourceType, _ name: String) -> Bool {
    isWildcard.contains(type) || wanted[type]?.contains(name) == true
  }

  mutating func want(_ names: Set<String>, of type: ResourceType) {
    let old = wanted[type] ?? []
    let isFirst = wanted[type] == nil && !isWildcard.contains(type)
    guard names != old || isFirst else { return }
    // An empty first request would mean everything.
    if isFirst, type.isRoot, names.isEmpty { return }
    wanted[type] = names
    dropUnwanted(type)
    switch mode {
    case .stateOfTheWorld: requestState(type)
    case .delta:
      var request = DeltaDiscoveryRequest()
      request.typeURL = type.typeURL
      request.subscribe = names.subtracting(old).sorted()
      request.unsubscribe = old.subtracting(names).sorted()
      toServer[type, default: []].append(request.encoded)
    }
  }

  /// "*" on or off, whatever else is asked for.
  mutating func wantAll(_ isAll: Bool, of type: ResourceType) {
    guard isWildcard.contains(type) != isAll else { return }
    if isAll { isWildcard.insert(type) } else { isWildcard.remove(type) }
    wanted[type] = wanted[type] ?? []
    dropUnwanted(type)
    switch mode {
    case .stateOfTheWorld: requestState(type)
    case .delta:
      var request = DeltaDiscoveryRequest()
      request.typeURL = type.typeURL
      if isAll { request.subscribe = ["*"] } else { request.unsubscribe = ["*"] }
      toServer[type, default: []].append(request.encoded)
    }
  }

  /// Asks again for what it should have.
  mutating func forget(_ name: String, of type: ResourceType) {
    guard mode == .delta, wanted[type]?.contains(name) == true else { return }
    kept[type]?[name] = nil
    var request = DeltaDiscoveryRequest()
    request.typeURL = type.typeURL
    request.subscribe = [name]
    toServer[type, default: []].append(request.encoded)
  }

  private mutating func dropUnwanted(_ type: ResourceType) {
    guard !isWildcard.contains(type) else { return }
    kept[type] = kept[type]?.filter { wanted[type]?.contains($0.key) == true }
  }

  private mutating func requestState(_ type: ResourceType, rejection: Rejection? = nil) {
    var request = DiscoveryRequest()
    request.typeURL = type.typeURL
    request.names = (wanted[type] ?? []).sorted() + (isWildcard.contains(type) ? ["*"] : [])
    request.nonce = nonces[type] ?? ""
    request.version = versions[type] ?? ""
    request.rejection = rejection
    toServer[type, default: []].append(request.encoded)
  }

  private mutating func requestFirst(_ type: ResourceType) {
    var request = DeltaDiscoveryRequest()
    request.typeURL = type.typeURL
    request.subscribe = (wanted[type] ?? []).sorted() + (isWildcard.contains(type) ? ["*"] : [])
    request.initialVersions = (kept[type] ?? [:]).map {
      KnownVersion(name: $0.key, version: $0.value.version)
    }
    guard !request.subscribe.isEmpty else {
      wanted[type] = nil
      return
    }
    toServer[type, default: []].append(request.encoded)
  }
}
