import Segments

@testable import Delivery

/// A catalog and a stream, spoken to in a few words a line.
struct StreamHarness {
  let catalog: Catalog
  let stream: DiscoveryStream
  private var revision: UInt64 = 0

  init(_ mode: DiscoveryStream.Mode, limits: DeliveryLimits = DeliveryLimits()) {
    catalog = Catalog(placeholder: ModelMesh.placeholder)
    stream = DiscoveryStream(mode: mode, limits: limits)
    stream.use(catalog)
  }

  /// Sets resources to contents, or removes those that are nil, all in one update.
  mutating func set(
    _ changes: [ResourceType: [String: String?]], upcoming: Set<ResourceType> = []
  ) {
    revision += 1
    catalog.apply(Self.update(changes, revision: revision, upcoming: upcoming))
  }

  static func update(
    _ changes: [ResourceType: [String: String?]], revision: UInt64 = 1,
    upcoming: Set<ResourceType> = []
  ) -> CatalogUpdate {
    CatalogUpdate(
      push: .number(revision),
      changes: changes.reduce(into: [:]) { result, change in
        var lists = CatalogUpdate.Changes()
        for (name, body) in change.value {
          if let body {
            lists.upserts.append(
              Resource(type: change.key, name: name, body: Rope(Array(body.utf8))))
          } else {
            lists.removals.append(name)
          }
        }
        result[change.key] = lists
      }, upcoming: upcoming)
  }

  /// A state-of-the-world request.
  func ask(
    _ type: ResourceType, _ names: [String], nonce: String = "", rejection: String? = nil
  ) {
    var request = DiscoveryRequest()
    request.typeURL = type.typeURL
    request.names = names
    request.nonce = nonce
    request.rejection = rejection.map { Rejection(code: 3, message: $0) }
    stream.receive(request)
  }

  /// A delta request.
  func ask(
    _ type: ResourceType, plus: [String] = [], minus: [String] = [],
    known: [String: String] = [:], nonce: String = "", rejection: String? = nil
  ) {
    var request = DeltaDiscoveryRequest()
    request.typeURL = type.typeURL
    request.subscribe = plus
    request.unsubscribe = minus
    request.initialVersions = known.map { KnownVersion(name: $0.key, version: $0.value) }
    request.nonce = nonce
    request.rejection = rejection.map { Rejection(code: 3, message: $0) }
    stream.receive(request)
  }

  /// All responses there are, in a line each: `CDS a=1 b=2 -c`.
  func answers(now: Duration = .zero) throws -> [String] {
    var lines: [String] = []
    while let line = try answer(now: now) { lines.append(line) }
    return lines
  }

  func answer(now: Duration = .zero) throws -> String? {
    guard let response = stream.nextResponse(now: now) else { return nil }
    let read = try ReadResponse(response.message.flattened(), mode: stream.mode)
    let resources = read.resources.map { resource in
      resource.name.map { "\($0)=\(resource.body)" } ?? resource.body
    }
    return ([response.type.serviceName] + resources + read.removed.map { "-\($0)" })
      .joined(separator: " ")
  }

  /// Pulls all responses and accepts each.
  func acceptedAnswers(_ names: [ResourceType: [String]] = [:]) throws -> [String] {
    var lines: [String] = []
    while let line = try answer() {
      lines.append(line)
      accept(names)
    }
    return lines
  }

  /// Accepts the last response of each type.
  func accept(_ names: [ResourceType: [String]] = [:]) {
    for type in stream.status.types where type.isUnanswered {
      guard let nonce = type.record.sent?.nonce else { continue }
      switch stream.mode {
      case .delta: ask(type.type, nonce: nonce)
      case .stateOfTheWorld: ask(type.type, names[type.type] ?? [], nonce: nonce)
      }
    }
  }

  func nonce(_ type: ResourceType) -> String {
    status(type)?.record.sent?.nonce ?? ""
  }

  func status(_ type: ResourceType) -> StreamStatus.TypeStatus? {
    stream.status.types.first { $0.type == type }
  }
}

extension Push {
  /// Changed at as many seconds, and compiled a tenth of a second later.
  static func number(_ number: UInt64) -> Push {
    Push(
      number: number, changedAt: .seconds(Int64(number)),
      compiledAt: .seconds(Int64(number)) + .milliseconds(100))
  }
}
