import TestSupport
import Testing

@testable import Delivery

/// Clients against a catalog that changes all the time.
@Suite struct SimulationTests {
  /// A client as Envoy is one never has a route or listener to a cluster it lacks, is never sent a
  /// second response before it answered the first, and ends up with what the catalog has.
  @Test(arguments: Simulation.seeds) func envoyNeverMissesACluster(seed: UInt64) throws {
    var world = Simulation(
      seed: seed, refusals: .none, reconnects: seed % 4 == 3, isEnvoy: true)
    try world.run(steps: 300)
    try world.expectWhatTheCatalogHas("before the end")
    try world.touchAll()
    try world.expectWhatTheCatalogHas("at the end")
    try world.expectReturnToCostNothing()
  }

  /// The same with a client that refuses one response in eight: what it refused it lacks by its own
  /// will, everything else it must have.
  @Test(arguments: Simulation.seeds) func refusalsHoldUpNothingElse(seed: UInt64) throws {
    var world = Simulation(seed: seed, refusals: .some, reconnects: false, isEnvoy: true)
    try world.run(steps: 300)
    try world.expectWhatTheCatalogHas("before the end")
    try world.touchAll()
    try world.expectWhatTheCatalogHas("at the end")
  }

  /// A client that leaves one type unanswered has all there is nonetheless, if a little later; what
  /// it may still need is kept for it.
  @Test(arguments: Simulation.seeds) func silenceHoldsNothingUpForEver(seed: UInt64) throws {
    var world = Simulation(seed: seed, refusals: .none, reconnects: false, isEnvoy: true)
    // In state of the world a client asks for other names in its answers, or not at all.
    let types: [ResourceType] =
      [.cluster, .listener, .secret] + (world.client.mode == .delta ? [.endpoints, .routes] : [])
    world.client.mute = types[Int(seed) % types.count]
    try world.run(steps: 300, taking: .milliseconds(200))
    try world.expectWhatTheCatalogHas("at the end")
  }

  /// A client that changes its mind about everything, "*" and names, in both modes.
  @Test(arguments: Simulation.seeds) func anySubscriptionIsServed(seed: UInt64) throws {
    var world = Simulation(
      seed: seed, refusals: seed % 2 == 0 ? .none : .some, reconnects: seed % 4 > 1,
      isEnvoy: false)
    try world.run(steps: 300)
    try world.expectWhatTheCatalogHas("before the end")
    try world.touchAll()
    try world.expectWhatTheCatalogHas("at the end")
  }
}

struct Simulation {
  /// A hundred, and those that found what the hundred do not.
  static let seeds = Array(UInt64(0)..<120) + [427, 568, 605, 1066, 1693]

  enum Refusals {
    case none
    case some
  }

  let seed: UInt64
  let refusals: Refusals
  let reconnects: Bool
  let isEnvoy: Bool
  var random: SeededRandom
  var mesh = ModelMesh()
  let catalogs = [
    Catalog(placeholder: ModelMesh.placeholder), Catalog(placeholder: ModelMesh.placeholder),
  ]
  var catalogIndex = 0
  var client: SimulatedClient
  var step = 0
  var now: Duration = .zero
  /// A state-of-the-world client that comes back does not say what it kept of what has changed, so that
  /// the server cannot keep it for it.
  var mayMissClusters = false

  init(seed: UInt64, refusals: Refusals, reconnects: Bool, isEnvoy: Bool) {
    self.seed = seed
    self.refusals = refusals
    self.reconnects = reconnects
    self.isEnvoy = isEnvoy
    random = SeededRandom(seed: seed)
    client = SimulatedClient(
      mode: seed % 2 == 0 ? .stateOfTheWorld : .delta, catalog: catalogs[0],
      warmsClusters: isEnvoy && seed % 3 == 0, followsReferences: isEnvoy)
    for _ in 0..<5 { update(mesh.edit(using: &random)) }
    guard isEnvoy else { return }
    client.wantAll(true, of: .cluster)
    client.wantAll(true, of: .listener)
    client.want(["s0", "s1"], of: .secret)
  }

  var catalog: Catalog { catalogs[catalogIndex] }
  private var situation: Comment { "seed \(seed), step \(step), \(client.mode)" }

  mutating func run(steps: Int, taking time: Duration = .zero) throws {
    for _ in 0..<steps {
      step += 1
      now += time
      try takeStep()
      try checkClient()
    }
    try settle()
  }

  private mutating func takeStep() throws {
    switch Int.random(in: 0..<40, using: &random) {
    case 0..<12: _ = client.pull(now: now)
    case 12..<22: try deliverToClient()
    case 22..<32: try deliverToServer()
    case 32..<36: update(mesh.edit(using: &random))
    case 36:
      catalogIndex = 1 - catalogIndex
      client.stream.use(catalog)
    case 37 where reconnects: reconnect()
    default: if !isEnvoy { changeSubscription() }
    }
  }

  private mutating func update(_ update: CatalogUpdate) {
    for catalog in catalogs { catalog.apply(update) }
  }

  private mutating func deliverToClient() throws {
    let isRefused = refusals == .some && Int.random(in: 0..<8, using: &random) == 0
    try client.deliverToClient(refusing: isRefused)
  }

  private mutating func deliverToServer() throws {
    var types = ResourceType.allCases.filter { client.toServer[$0]?.isEmpty == false }
    // Envoy asks for clusters first; without that nobody could know what it lacks.
    if types.first == .cluster, client.stream.status.types.isEmpty { types = [.cluster] }
    guard let type = types.randomElement(using: &random) else { return }
    try client.deliverToServer(type)
  }

  private mutating func reconnect() {
    let isKept = Bool.random(using: &random)
    client.reconnect(to: catalog, keeping: isKept)
    if isKept, client.mode == .stateOfTheWorld { mayMissClusters = true }
  }

  private mutating func changeSubscription() {
    let pools: [(ResourceType, String, Int)] = [
      (.cluster, "c", 9), (.endpoints, "c", 9), (.listener, "l", 5), (.routes, "r", 5),
      (.secret, "s", 4),
    ]
    let (type, prefix, count) = pools[Int.random(in: 0..<pools.count, using: &random)]
    let name = "\(prefix)\(Int.random(in: 0..<count, using: &random))"
    switch Int.random(in: 0..<4, using: &random) {
    case 0 where type.isRoot: client.wantAll(!client.isWildcard.contains(type), of: type)
    case 1: client.forget(name, of: type)
    default:
      client.want((client.wanted[type] ?? []).symmetricDifference([name]), of: type)
    }
  }

  /// Lets everything arrive, nothing refused.
  mutating func settle() throws {
    for _ in 0..<1000 {
      var isQuiet = client.isIdle
      while client.pull(now: now) { isQuiet = false }
      while !client.isIdle {
        try client.deliverToClient(refusing: false)
        try deliverToServer()
      }
      try checkClient()
      guard isQuiet else { continue }
      mayMissClusters = false
      guard let deadline = client.stream.deadline else { return }
      now = deadline
    }
    Issue.record("it never becomes quiet")
  }

  mutating func touchAll() throws {
    update(mesh.touchAll())
    try settle()
    for type in client.stream.status.types {
      #expect(type.retainedCount == 0, situation)
      #expect(type.rejectedNames == [], situation)
      #expect(type.record.rejected == nil, situation)
      #expect(type.syncState != .error && type.syncState != .stale, situation)
    }
  }

  private func checkClient() throws {
    try #require(client.failures == [], situation)
    guard isEnvoy, !mayMissClusters else { return }
    let clusters = Set((client.kept[.cluster] ?? [:]).keys).union(client.refusedClusters)
    for type in [ResourceType.listener, .routes] {
      for (name, kept) in client.kept[type] ?? [:] {
        let missing = Set(kept.content.clusters).subtracting(clusters)
        try #require(missing == [], "\(type) \(name): seed \(seed), step \(step), \(client.mode)")
      }
    }
  }

  func expectWhatTheCatalogHas(_ moment: String) throws {
    let rejected = Dictionary(
      uniqueKeysWithValues: client.stream.status.types.map { ($0.type, Set($0.rejectedNames)) })
    for type in ResourceType.allCases {
      var expected: [String: ModelMesh.Content] = [:]
      if client.isWildcard.contains(type) { expected = mesh.contents[type] ?? [:] }
      for name in client.wanted[type] ?? [] {
        expected[name] =
          mesh[type, name]
          ?? ModelMesh.placeholder(type, name).map {
            .init(text: String(decoding: $0.flattened(), as: UTF8.self))
          }
      }
      var kept = (client.kept[type] ?? [:]).mapValues(\.content)
      // In state of the world nothing says that a single secret is gone.
      if client.mode == .stateOfTheWorld, !type.isRoot {
        kept = kept.filter { expected[$0.key] != nil }
      }
      for name in rejected[type] ?? [] { (expected[name], kept[name]) = (nil, nil) }
      let isHeldUp = client.mute != nil || rejected.values.contains { !$0.isEmpty }
      // What is gone may still be needed by what was rejected, or not answered.
      if isHeldUp {
        kept = kept.filter { mesh[type, $0.key] != nil }
        expected = expected.filter { mesh[type, $0.key] != nil }
      }
      let names = Set(kept.keys).union(expected.keys)
      let differences = names.filter { kept[$0] != expected[$0] }.sorted().map {
        "\($0): has \(kept[$0]?.text ?? "-"), should \(expected[$0]?.text ?? "-")"
      }
      try #require(differences == [], "\(moment), \(type), seed \(seed), \(client.mode)")
    }
    guard isEnvoy else { return }
    try #require(client.warming == [], "\(moment), seed \(seed), \(client.mode)")
  }

  /// Who comes back with all versions known is sent no resource. In state of the world routes and
  /// secrets are, because a version there does not say what a client has of names.
  mutating func expectReturnToCostNothing() throws {
    let before = client.resourcesReceived
    client.reconnect(to: catalog, keeping: true)
    try settle()
    let types: [ResourceType] =
      client.mode == .delta ? ResourceType.allCases : [.cluster, .endpoints, .listener]
    for type in types {
      try #require(client.resourcesReceived[type] == before[type], situation)
    }
    try expectWhatTheCatalogHas("back")
  }
}
