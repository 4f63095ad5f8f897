import Documents
import Ingest
import Resources
import TestSupport
import Testing

@testable import ControlPlane

/// What is remembered of slices changes nothing of what they are read as.
@Suite struct RecentSlicesTests {
  /// A slice as an API server might come to tell it, wrong values among right ones.
  private struct Slice {
    var version = 1
    var generation = 1
    var labels = ["app": "a", "kubernetes.io/service-name": "a"]
    var endpoints: [String] = []
    var type = "IPv4"
    var ports = #"[{"name":"http","port":8080}]"#
    private var made = 0

    mutating func add(at place: Int) {
      made += 1
      endpoints.insert(
        """
        {"addresses":["10.0.0.\(made)"],"conditions":{"ready":true},"nodeName":"n",\
        "targetRef":{"kind":"Pod","name":"a-\(made)","uid":"\(made)"}}
        """, at: place)
    }

    mutating func change(using random: inout SeededRandom) {
      version += 1
      let place = endpoints.isEmpty ? 0 : Int.random(in: 0..<endpoints.count, using: &random)
      switch Int.random(in: 0..<18, using: &random) {
      case 0: add(at: 0)
      case 1: add(at: endpoints.count)
      case 2 where !endpoints.isEmpty: endpoints.remove(at: place)
      case 3: endpoints.reverse()
      case 4: labels["version"] = "\(version)"
      case 5 where !endpoints.isEmpty: endpoints[place] = "{\"addresses\":[7]}"
      case 6 where !endpoints.isEmpty: endpoints[place] = "\"none\""
      case 7: generation += 1
      case 8:
        let others = [
          #"[{"name":"http","port":8080}]"#, "[]", #"[{"port":"x"}]"#, #"[{"port":1}]"#,
        ]
        ports = others.randomElement(using: &random) ?? ports
      case 9: type = ["IPv4", "IPv6", "IPv5"].randomElement(using: &random) ?? type
      case 10 where !endpoints.isEmpty:
        endpoints[place] = endpoints[place].replacing("10.0.0.", with: "10.0.1.")
      case 11 where !endpoints.isEmpty:
        endpoints[place] = endpoints[place].replacing("\"ready\"", with: "\"serving\"")
      case 12 where !endpoints.isEmpty:
        endpoints[place] = endpoints[place].replacing("{\"ready\":true}", with: "{\"ready\":7}")
      default:
        guard !endpoints.isEmpty else { return add(at: 0) }
        let isReady = endpoints[place].contains("true")
        endpoints[place] = endpoints[place].replacing("\(isReady)", with: "\(!isReady)")
      }
    }

    var text: String {
      let labels = labels.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\"\($0.value)\"" }
      return """
        {"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","addressType":"\(type)",\
        "endpoints":[\(endpoints.joined(separator: ","))],"metadata":{"name":"a-x",\
        "namespace":"shop","generation":\(generation),"labels":{\(labels.joined(separator: ","))},\
        "resourceVersion":"\(version)"},"ports":\(ports)}
        """
    }
  }

  private static func read(
    _ text: String, at path: String = "endpointslices/shop/a-x", _ recent: RecentSlices?
  ) throws -> ReadDocument {
    let reader = try #require(JSONReader())
    let root = try #require(
      reader.tapedTree(of: Array(text.utf8), named: path, selecting: FieldTable(.all)).root)
    let file = ParsedFile(
      path: path, documents: [Document(file: path, root: root)], extent: .whole, diagnostics: [])
    let batch = Batch(from: .cluster(.complete), files: [file], removed: [], problems: [])
    guard
      case .objects(let objects)? =
        ReadBatch(batch, settings: [], recalling: recent).files.first?.content
    else { throw NotRead() }
    return try #require(objects.documents.first)
  }

  private struct NotRead: Error {}

  @Test(arguments: 0..<20) func whatIsReadIsAsIfItWasTheFirst(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let recent = RecentSlices()
    var slice = Slice()
    for _ in 0..<5 { slice.add(at: 0) }
    for step in 0..<200 {
      slice.change(using: &random)
      let (again, first) = (try Self.read(slice.text, recent), try Self.read(slice.text, nil))
      let comment: Comment = "seed \(seed), step \(step)"
      #expect(again.decoded.outcome == first.decoded.outcome, comment)
      #expect(again.decoded.diagnostics == first.decoded.diagnostics, comment)
      #expect(again.part?.hash == first.part?.hash, comment)
      #expect(again.part?.identity == first.part?.identity, comment)
      #expect(again.served?.kind == first.served?.kind, comment)
    }
  }

  /// What is new is read, and what is known is that which was read before.
  @Test func knownPartsAreTakenAsTheyAre() throws {
    let recent = RecentSlices()
    var slice = Slice()
    for _ in 0..<5 { slice.add(at: 0) }
    let before = try Self.read(slice.text, recent)
    slice.version += 1
    slice.endpoints[3] = slice.endpoints[3].replacing("true", with: "false")
    let root = try Self.root(slice.text)
    let known = try #require(recent.slice("endpointslices/shop/a-x")?.known)
    let (_, now) = decode(
      Document(file: "x", root: root), sharing: SharedValues(), knowing: known)
    let fingerprints = try #require(now?.fingerprints)
    #expect(fingerprints.indices.filter { fingerprints[$0] != known.fingerprints[$0] } == [3])
    #expect(now?.metadataFingerprint == known.metadataFingerprint)
    #expect(try Self.read(slice.text, recent).part?.hash != before.part?.hash)
  }

  private static func root(_ text: String) throws -> Node {
    try #require(
      JSONReader()?.tapedTree(of: Array(text.utf8), named: "x", selecting: FieldTable(.all)).root)
  }

  @Test func soManyAreRemembered() throws {
    let recent = RecentSlices()
    var slice = Slice()
    slice.add(at: 0)
    _ = try Self.read(slice.text, at: "0", recent)
    let one = try #require(recent.slice("0"))
    for number in 1..<Limits.rememberedSlices { recent.remember(one, at: "\(number)") }
    #expect(recent.slice("0") != nil)
    recent.remember(one, at: "last")
    #expect(recent.slice("0") == nil)
    #expect(recent.slice("last") != nil)
    recent.forget("last")
    #expect(recent.slice("last") == nil)
  }

  @Test func nothingElseIsRemembered() throws {
    let recent = RecentSlices()
    let pod = """
      {"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","namespace":"shop"},"spec":{}}
      """
    #expect(try Self.read(pod, at: "pods/shop/a", recent).part?.kind == .pod)
    #expect(recent.slice("pods/shop/a") == nil)
  }

  @Test func whatMovedAFewPlacesIsFound() {
    func places(_ before: [UInt64], _ now: [UInt64]) -> [Int?] {
      var alignment = Alignment(with: before)
      return now.map { alignment.place(of: $0) }
    }
    #expect(places([1, 2, 3], [1, 9, 3]) == [0, nil, 2])
    #expect(places([1, 2, 3], [9, 1, 2, 3]) == [nil, 0, 1, 2])
    #expect(places([1, 2, 3], [2, 3]) == [1, 2])
    #expect(
      places([1, 2, 3, 4, 5, 6, 7], [1, 9, 9, 9, 9, 9, 7]) == [0, nil, nil, nil, nil, nil, 6])
    #expect(places([], [1]) == [nil])
  }
}
