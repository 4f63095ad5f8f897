import Diagnostics
import Documents
import Mesh
import Resources
import Segments
import Testing

@testable import ControlPlane
@testable import Delivery
@testable import HTTPServer

/// What is remembered of pushes, and how it is shown.
@Suite struct PushLogTests {
  private let log = PushLog()

  private static func push(_ number: UInt64) -> Push {
    Push(
      number: number, changedAt: .milliseconds(10 * Int64(number)),
      compiledAt: .milliseconds(10 * Int64(number) + 2))
  }

  /// A push that an edit of a VirtualService made, which changed one route configuration.
  private func compile(_ number: UInt64, _ name: String, _ type: ResourceType = .routes) {
    var changes = ChangedObjects()
    changes.note {
      ObjectChange(
        name: ObjectName(kind: "VirtualService", namespace: "shop", name: name), isRemoved: false,
        generation: 7, resourceVersion: nil, place: Place(file: "shop.yaml", line: 12))
    }
    let push = PushLogTests.push(number)
    let resource = Resource(type: type, name: "http.8080", body: Rope(Array("body".utf8)))
    log.compiled(
      PushRecord(
        push, PushCause(occasion: .change, changes: changes),
        computed: [("routes", 3), ("hosts", 2)],
        [.update(1, CatalogUpdate(push: push, changes: [type: .init(upserts: [resource])]))]))
  }

  /// A stream that follows a catalog of what was compiled, and answers.
  private struct Client {
    let catalog = Catalog { _, _ in nil }
    let stream = DiscoveryStream(mode: .delta, limits: DeliveryLimits())
    let name: String

    init(_ name: String) {
      self.name = name
      stream.use(catalog)
    }

    /// Asks for the one resource there is, or answers a response.
    func request(nonce: String = "", rejection: String? = nil) {
      var request = DeltaDiscoveryRequest()
      request.typeURL = ResourceType.routes.typeURL
      if nonce.isEmpty { request.subscribe = ["a"] }
      request.nonce = nonce
      request.rejection = rejection.map { Rejection(code: 3, message: $0) }
      stream.receive(request)
    }
  }

  private func send(_ push: Push, _ body: String, to client: Client) throws -> (Int, String) {
    let resource = Resource(type: .routes, name: "a", body: Rope(Array(body.utf8)))
    client.catalog.apply(CatalogUpdate(push: push, changes: [.routes: .init(upserts: [resource])]))
    let response = try #require(client.stream.nextResponse(now: log.elapsed))
    return (log.sent(response, to: client.name, 1), response.nonce)
  }

  private func page(_ parameters: [(String, String)] = []) throws -> PushPage {
    let request = Request(
      path: "/debug/pushes", parameters: parameters.map { (name: $0.0, value: $0.1) })
    return PushPage(of: log.now, try #require(PushQuery(request)), at: log.elapsed)
  }

  @Test func aPushIsShownWithItsCauseAndWhatBecameOfIt() throws {
    compile(1, "cart")
    let (good, bad) = (Client("router~good"), Client("router~bad"))
    for client in [good, bad] {
      client.request()
      let (ticket, nonce) = try send(PushLogTests.push(1), "1", to: client)
      client.request(nonce: nonce)
      log.answered(try #require(client.stream.takeVerdict()), ticket: ticket)
    }
    compile(2, "stock")
    let (ticket, nonce) = try send(PushLogTests.push(2), "2", to: good)
    good.request(nonce: nonce)
    log.answered(try #require(good.stream.takeVerdict()), ticket: ticket)
    let (other, rejected) = try send(PushLogTests.push(2), "2", to: bad)
    bad.request(nonce: rejected, rejection: "no such\nfield")
    log.answered(try #require(bad.stream.takeVerdict()), ticket: other)

    let rows = try page().rows
    #expect(rows.map(\.record.push.number) == [2, 1])
    #expect(rows[1].types.map(\.record.requested) == [2] && rows[1].types[0].record.accepted == 2)
    let routes = rows[0].types[0].record
    #expect(routes.changed == 1 && routes.compiledBytes == 4)
    #expect(routes.responses == 2 && routes.accepted == 1 && routes.rejected == 1)
    let text = try page().text
    #expect(text.contains("VirtualService shop/stock (shop.yaml:12, generation 7)"))
    #expect(text.contains("5 values computed: routes 3, hosts 2"))
    let line = try #require(text.split(separator: "\n").first { $0.contains("router~bad") })
    #expect(line.contains("REJECTED after") && line.hasSuffix("no such field"))

    #expect(try page([("object", "shop/cart")]).rows.map(\.record.push.number) == [1])
    #expect(try page([("proxy", "bad")]).rows[0].responses.map(\.proxy) == ["router~bad"])
    #expect(try page([("type", "rds")]).rows.count == 2)
    #expect(try page([("type", "cds")]).rows.isEmpty)
    #expect(log.cause(of: 2) == "VirtualService shop/stock (shop.yaml:12, generation 7)")
    #expect(log.cause(of: 3) == nil)
  }

  @Test func aResponseForSeveralPushesIsToldOfEach() throws {
    let client = Client("router~a")
    compile(1, "first")
    client.request()
    let (_, nonce) = try send(PushLogTests.push(1), "1", to: client)
    client.request(nonce: nonce)
    for number in UInt64(2)...3 { compile(number, "later") }
    let resource = Resource(type: .routes, name: "a", body: Rope(Array("2".utf8)))
    client.catalog.apply(
      CatalogUpdate(push: PushLogTests.push(2), changes: [.routes: .init(upserts: [resource])]))
    let (_, _) = try send(PushLogTests.push(3), "3", to: client)
    let rows = try page().rows
    #expect(rows.map(\.types[0].record.responses) == [1, 0, 0])
    #expect(rows.map(\.types[0].record.overtaken) == [0, 1, 0])
    #expect(rows.map(\.responses.count) == [1, 1, 1])
    #expect(try page().text.contains("1 had it with a later push"))
  }

  @Test func pagesFollowOneAnotherWithoutAGapAndTheOldestAreForgotten() throws {
    let count = Limits.rememberedPushes + 40
    for number in 1...count { compile(UInt64(number), "vs-\(number)") }
    var seen: [UInt64] = []
    var next: UInt64?
    repeat {
      let before = next.map { [("before", "\($0)")] } ?? []
      let shown = try page(before + [("limit", "100")])
      seen += shown.rows.map(\.record.push.number)
      next = shown.next
    } while next != nil
    #expect(seen == (41...UInt64(count)).reversed())
    #expect(log.cause(of: 40) == nil && log.cause(of: 41) != nil)
  }

  @Test func responsesAreForgottenBeforeTheirPushesAndTheirAnswersHarmNobody() throws {
    compile(1, "one")
    let client = Client("router~a")
    client.request()
    let (ticket, nonce) = try send(PushLogTests.push(1), "1", to: client)
    for _ in 0..<Limits.rememberedResponses { _ = try send(PushLogTests.push(1), "1", to: fresh()) }
    client.request(nonce: nonce)
    log.answered(try #require(client.stream.takeVerdict()), ticket: ticket)
    let row = try #require(try page().rows.first)
    #expect(row.types[0].record.requested == Limits.rememberedResponses + 1)
    #expect(row.responses.count == PushPage.shownResponses && row.omitted > 2000)
    #expect(log.now.responses.places.lowerBound == 1)
  }

  private func fresh() -> Client {
    let client = Client("router~b")
    client.request()
    return client
  }

  @Test(arguments: [("before", "x"), ("limit", "0"), ("limit", "-1"), ("type", "XDS")])
  func parametersThatMakeNoSenseAreRefused(name: String, value: String) {
    #expect(
      PushQuery(Request(path: "/debug/pushes", parameters: [(name: name, value: value)])) == nil)
  }

  @Test func onlyTheFirstObjectsOfManyAreNamed() {
    var changes = ChangedObjects()
    var made = 0
    for number in 0..<1000 {
      changes.note {
        made += 1
        return ObjectChange(
          ObjectName(kind: "Pod", namespace: "a", name: "p\(number)"), isRemoved: true)
      }
    }
    #expect(made == 4 && changes.count == 1000)
    #expect(changes.text == "Pod a/p0 (removed) and 999 more")
  }
}

@Suite struct HistogramTests {
  /// As Prometheus' own text format has it: cumulative, with `le` last and `+Inf` at the end.
  @Test func bucketsAddUp() {
    var histogram = Histogram(bounds: [0.5, 1, 10])
    for value in [0.25, 0.5, 1, 5, 100] { histogram.observe(value) }
    #expect(
      histogram.text("x", labels: "type=\"cds\"") == """
        x_bucket{type="cds",le="0.5"} 2
        x_bucket{type="cds",le="1"} 3
        x_bucket{type="cds",le="10"} 4
        x_bucket{type="cds",le="+Inf"} 5
        x_sum{type="cds"} 106.75
        x_count{type="cds"} 5

        """)
    histogram = Histogram(bounds: [1])
    histogram.observe(.milliseconds(1500))
    #expect(
      histogram.text("x", labels: "")
        == "x_bucket{le=\"1\"} 0\nx_bucket{le=\"+Inf\"} 1\nx_sum 1.5\nx_count 1\n")
  }
}

@Suite struct SlowClientsTests {
  private func lag(_ seconds: Int64) -> Lag { Lag(since: .seconds(seconds), push: UInt64(seconds)) }

  @Test func aClientIsToldOfOnceUntilItHasCaughtUp() throws {
    var clients = SlowClients()
    let begins = [clients.begin(), clients.begin()]
    #expect(begins == [true, false])
    let behind: [(StreamNumber, String, Lag)] = [
      (1, "a", lag(2)), (2, "b", lag(1)), (3, "c", lag(9)),
    ]
    let first = clients.look(at: behind, now: .seconds(10))
    let news = try #require(first)
    #expect(news.count == 2 && news.proxy == "b" && news.behind == .seconds(9) && news.push == 1)
    #expect(clients.count == 2 && clients.areAnyBehind)
    let later = [12, 14].map { clients.look(at: behind, now: .seconds($0))?.proxy }
    #expect(later == [nil, "c"])
    let none = clients.look(at: [], now: .seconds(20))
    #expect(none == nil && clients.count == 0 && !clients.areAnyBehind)
    let again = clients.look(at: behind.prefix(1), now: .seconds(30))
    #expect(again?.count == 1)
  }
}
