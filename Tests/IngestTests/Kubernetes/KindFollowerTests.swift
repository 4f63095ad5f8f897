import Documents
import HTTPClient
import TestSupport
import Testing

@testable import Ingest

/// Bytes and time in, requests and changes out: what an API server may do to a client, step by step.
@Suite struct KindFollowerTests {
  typealias Scene = FollowerScene

  @Test func theFirstListIsToldByPagesAndWatchedFromItsVersion() throws {
    var scene = Scene()
    #expect(try scene.request().url == "/apis/example.io/v1/things?limit=500")
    try scene.answer(200, Scene.list(10, next: "more", Scene.thing("a", 5)))
    #expect(scene.told == ["things.example.io/a/a": "5"] && !scene.follower.isSettled)
    #expect(try scene.request().url == "/apis/example.io/v1/things?limit=500&continue=more")
    try scene.answer(200, Scene.list(10, Scene.thing("b", 6)))
    #expect(scene.told == ["things.example.io/a/a": "5", "things.example.io/a/b": "6"])
    #expect(
      try scene.request().url
        == "/apis/example.io/v1/things?watch=true&allowWatchBookmarks=true&resourceVersion=10")
    try scene.open(Scene.event("MODIFIED", Scene.thing("a", 11)))
    try scene.lines(Scene.event("DELETED", Scene.thing("b", 12)), Scene.bookmark(20))
    #expect(scene.told == ["things.example.io/a/a": "11"])
    #expect(scene.condition == .current)
    try scene.breaks()
    #expect(try scene.request().url.hasSuffix("resourceVersion=20"))
  }

  @Test func anEventMayComeInAnyPieces() throws {
    var scene = try Scene.watching()
    let bytes = Array((Scene.event("ADDED", Scene.thing("ü", 11)) + "\n").utf8)
    for byte in bytes { try scene.take(.body([byte])) }
    #expect(scene.told["things.example.io/a/ü"] == "11")
  }

  @Test func halfAnEventIsNone() throws {
    var scene = try Scene.watching()
    let line = Scene.event("ADDED", Scene.thing("c", 11))
    try scene.take(.body(Array(line.utf8.dropLast(2))))
    try scene.breaks()
    #expect(scene.told.count == 2)
    #expect(try scene.request().url.hasSuffix("resourceVersion=10"))
  }

  @Test func whatIsToldTwiceCountsOnce() throws {
    var scene = try Scene.watching()
    try scene.lines(Scene.event("DELETED", Scene.thing("a", 11)))
    try scene.lines(Scene.event("MODIFIED", Scene.thing("a", 9)))
    #expect(scene.told.keys.sorted() == ["things.example.io/a/b"])
  }

  @Test(arguments: ["not json", #"{"type":"ADDED"}"#, #"{"type":"NEW","object":{}}"#, "[]", "{"])
  func garbageEndsTheWatchAndTheVersionStays(line: String) throws {
    var scene = try Scene.watching()
    #expect(try scene.take(.body(Array("\(line)\n".utf8))))
    #expect(scene.told.count == 2)
    #expect(try scene.request().url.hasSuffix("resourceVersion=10"))
  }

  @Test func aLineWithoutEndIsRefused() throws {
    var limits = FollowerLimits()
    limits.lineBytes = 1000
    var scene = try Scene.watching(limits: limits)
    #expect(try !scene.take(.body(Array(repeating: 120, count: 1000))))
    #expect(try scene.take(.body([120])))
  }

  @Test func moreObjectsThanMayBeAreNotTaken() throws {
    var limits = FollowerLimits()
    limits.objects = 2
    var scene = try Scene.watching(limits: limits)
    try scene.lines(Scene.event("ADDED", Scene.thing("c", 11)))
    #expect(scene.told.count == 2)
    var other = Scene(limits: limits)
    _ = try other.request()
    try other.answer(
      200, Scene.list(9, Scene.thing("a", 1), Scene.thing("b", 2), Scene.thing("c", 3)))
    #expect(other.told.count == 2)
    if case .behind = other.condition {} else { Issue.record("\(other.condition)") }
  }

  // MARK: Too old

  @Test(arguments: [true, false])
  func tooOldIsListedAnewAndReplacedAtOnce(asEvent: Bool) throws {
    var scene = try Scene.watching()
    if asEvent {
      #expect(
        try scene.take(.body(Array((Scene.event("ERROR", Scene.status(410)) + "\n").utf8))))
    } else {
      try scene.breaks()
      _ = try scene.request()
      try scene.answer(410, Scene.status(410))
    }
    #expect(scene.told.count == 2)
    let (url, _) = try scene.request()
    #expect(url == "/apis/example.io/v1/things?limit=500")
    try scene.answer(200, Scene.list(50, next: "x", Scene.thing("b", 6)))
    #expect(scene.told.count == 2)
    _ = try scene.request()
    try scene.answer(200, Scene.list(50, Scene.thing("c", 40)))
    #expect(scene.told == ["things.example.io/a/b": "6", "things.example.io/a/c": "40"])
  }

  @Test func pagesThatGoAreReadInOnePiece() throws {
    var scene = Scene()
    _ = try scene.request()
    try scene.answer(200, Scene.list(10, next: "x", Scene.thing("a", 5)))
    _ = try scene.request()
    try scene.answer(410, Scene.status(410))
    #expect(try scene.request().url == "/apis/example.io/v1/things")
    try scene.answer(200, Scene.list(11, Scene.thing("b", 6)))
    #expect(scene.told == ["things.example.io/a/b": "6"])
  }

  // MARK: Refused

  @Test func whoMayNotReadIsToldSoAndAsksSlowly() throws {
    var scene = try Scene.watching()
    try scene.breaks()
    _ = try scene.request()
    try scene.refuse()
    #expect(scene.condition == .forbidden(reason: "may not"))
    #expect(scene.told.count == 2)
    var waits: [Duration] = []
    for _ in 1...9 {
      let (url, waited) = try scene.request()
      #expect(url == "/apis/example.io/v1/things?limit=500")
      waits.append(waited)
      try scene.answer(403, Scene.status(403, "may not"))
    }
    let wait = scene.follower.limits.forbiddenWait
    #expect(waits[0] < .seconds(10) && waits.allSatisfy { $0 <= wait }, "\(waits)")
    #expect(waits.suffix(3).allSatisfy { $0 >= wait / 2 }, "\(waits)")
    _ = try scene.request()
    try scene.answer(200, Scene.list(20, Scene.thing("a", 5)))
    #expect(scene.condition == .current && scene.told.count == 1)
  }

  /// An API server that has just started knows no roles yet.
  @Test func aRefusalThatPassesIsGoneOnFrom() throws {
    var scene = try Scene.watching()
    try scene.breaks()
    _ = try scene.request()
    try scene.answer(403, Scene.status(403, "no role found"))
    #expect(scene.condition == .behind(reason: "no role found"))
    let (url, waited) = try scene.request()
    #expect(url.contains("watch=true") && url.hasSuffix("resourceVersion=10"), "\(url)")
    #expect(waited <= Backoff.first * 4)
    try scene.open()
    #expect(scene.condition == .current && scene.told.count == 2)
  }

  @Test func aServerThatRefusesAtFirstIsNotBelievedToHaveNothing() throws {
    var scene = Scene(sufficientNamespace: "home")
    _ = try scene.request()
    try scene.answer(403, Scene.status(403))
    #expect(!scene.follower.isSettled)
    #expect(try scene.request().url == "/apis/example.io/v1/things?limit=500")
    try scene.answer(200, Scene.list(20, Scene.thing("a", 5)))
    #expect(scene.told.count == 1)
  }

  @Test func whatAServerSaysFitsALogLine() throws {
    var scene = Scene()
    _ = try scene.request()
    let long = String(repeating: "x", count: 5000)
    try scene.refuse(#"may\n2026 error not\u001b[31m"# + long)
    guard case .forbidden(let reason) = scene.condition else {
      Issue.record("\(scene.condition)")
      return
    }
    #expect(reason.hasPrefix("may 2026 error not [31mxxx") && reason.count == 300)
  }

  @Test func oneNamespaceIsEnoughWhereAllAreRefused() throws {
    var scene = Scene(sufficientNamespace: "home")
    _ = try scene.request()
    try scene.refuse()
    let (url, waited) = try scene.request()
    #expect(url == "/apis/example.io/v1/namespaces/home/things?limit=500" && waited == .zero)
    try scene.answer(200, Scene.list(20))
    #expect(try scene.request().url.hasPrefix("/apis/example.io/v1/namespaces/home/things?watch"))
  }

  @Test func credentialsAreDoubtedWhenRefused() throws {
    var scene = try Scene.watching()
    try scene.breaks()
    _ = try scene.request()
    try scene.answer(401, Scene.status(401))
    #expect(scene.follower.doubtsCredentials && scene.told.count == 2)
    _ = try scene.request()
    #expect(!scene.follower.doubtsCredentials)
  }

  @Test func theServerSaysHowLongToWait() throws {
    var scene = Scene()
    _ = try scene.request()
    try scene.answer(429, Scene.status(429), headers: [HTTPHeader("retry-after", "7")])
    #expect(try scene.request().waited >= .seconds(7))
    try scene.answer(503, Scene.status(503), headers: [HTTPHeader("retry-after", "999999999")])
    #expect(try scene.request().waited <= .seconds(180))
    try scene.answer(429, Scene.status(429), headers: [HTTPHeader("retry-after", "-5")])
    #expect(try scene.request().waited < .seconds(7))
  }

  // MARK: Not there

  @Test func versionsAreTriedInTurn() throws {
    var scene = Scene(versions: ["v1", "v1beta1"])
    _ = try scene.request()
    try scene.answer(404, "404 page not found")
    let (url, waited) = try scene.request()
    #expect(url == "/apis/example.io/v1beta1/things?limit=500" && waited == .zero)
    try scene.answer(404, "404 page not found")
    #expect(scene.condition == .absent && scene.follower.isSettled)
    #expect(try scene.request().waited >= .seconds(15))
    try scene.answer(200, Scene.list(3, Scene.thing("a", 2)))
    #expect(scene.condition == .current && scene.told.count == 1)
  }

  @Test func oneAnswerDoesNotMakeObjectsVanish() throws {
    var scene = try Scene.watching()
    try scene.breaks()
    for attempt in 1...4 {
      #expect(scene.told.count == 2, "attempt \(attempt)")
      _ = try scene.request()
      try scene.answer(404, "404 page not found")
    }
    #expect(scene.told.isEmpty && scene.condition == .absent)
  }

  @Test func aKindIsAskedForWhenItsDefinitionComes() throws {
    var scene = Scene()
    scene.define(.missing)
    _ = try scene.request()
    try scene.answer(404, "404 page not found")
    #expect(scene.condition == .absent)
    #expect(try #require(scene.follower.deadline) - scene.now >= .seconds(300))
    scene.define(.present, isNews: true)
    #expect(try scene.request().waited == .zero)
    // A server takes a moment until it serves what was defined.
    for _ in 0..<3 {
      try scene.answer(404, "404 page not found")
      let waited = try scene.request().waited
      #expect(waited >= .milliseconds(250) && waited <= .seconds(2))
    }
    try scene.answer(200, Scene.list(3, Scene.thing("a", 2)))
    #expect(scene.condition == .current && scene.told.count == 1)
    _ = try scene.request()
    // A change of a definition is none of a kind that is there.
    scene.define(.present, isNews: true)
  }

  @Test func aKindWhoseDefinitionGoesIsDroppedOnceTheServerSaysSo() throws {
    var scene = try Scene.watching()
    scene.define(.present, isNews: true)
    scene.define(.missing, ends: true)
    #expect(scene.told.count == 2)
    #expect(try scene.request().waited == .zero)
    try scene.answer(404, "404 page not found")
    #expect(scene.told.isEmpty && scene.condition == .absent)
  }

  // MARK: Patience

  @Test func failuresWaitLongerAndNeverTooLong() throws {
    var scene = Scene()
    var waits: [Duration] = []
    for _ in 0..<20 {
      waits.append(try scene.request().waited)
      try scene.breaks()
    }
    #expect(waits[1] >= .milliseconds(250) && waits[1] <= .milliseconds(500))
    #expect(waits.allSatisfy { $0 <= .seconds(30) })
    #expect(waits[10...].allSatisfy { $0 >= .seconds(15) })
  }

  @Test func aServerThatEndsWatchesAtOnceIsNotAskedAtOnce() throws {
    var scene = try Scene.watching()
    #expect(try scene.take(.ended(nil)))
    #expect(try scene.request().waited >= .milliseconds(250))
    try scene.open()
    scene.now += .seconds(300)
    try scene.take(.ended(nil))
    #expect(try scene.request().waited == .zero)
  }

  @Test func silenceIsAskedAbout() throws {
    var scene = try Scene.watching()
    scene.now += .seconds(90)
    try scene.breaks(.silent)
    let (url, waited) = try scene.request()
    #expect(waited == .zero && url.hasSuffix("resourceVersion=10"))
  }

  @Test func watchingThatNeverWorksIsListedAnew() throws {
    var scene = try Scene.watching()
    var urls: [String] = []
    try scene.breaks()
    for _ in 0..<6 {
      urls.append(try scene.request().url)
      try scene.breaks()
    }
    #expect(urls.first?.contains("watch=true") == true)
    #expect(urls.last?.contains("limit=500") == true)
    #expect(scene.told.count == 2)
  }

  // MARK: Lists as watches

  @Test func aListMayComeAsTheBeginningOfAWatch() throws {
    var scene = Scene(streamsLists: true)
    #expect(
      try scene.request().url
        == "/apis/example.io/v1/things?watch=true&allowWatchBookmarks=true"
        + "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan")
    try scene.open(Scene.event("ADDED", Scene.thing("a", 5)))
    try scene.lines(Scene.event("ADDED", Scene.thing("b", 6)), Scene.bookmark(8))
    #expect(scene.told.count == 2 && !scene.follower.isSettled)
    try scene.lines(Scene.endOfList(10), Scene.event("MODIFIED", Scene.thing("a", 11)))
    #expect(scene.told == ["things.example.io/a/a": "11", "things.example.io/a/b": "6"])
    #expect(scene.condition == .current)
    try scene.breaks()
    #expect(try scene.request().url.hasSuffix("resourceVersion=11"))
  }

  @Test func aServerThatCannotIsAskedForPages() throws {
    var scene = Scene(streamsLists: true)
    _ = try scene.request()
    try scene.answer(422, Scene.status(422))
    let (url, waited) = try scene.request()
    #expect(url == "/apis/example.io/v1/things?limit=500" && waited == .zero)
    var other = Scene(streamsLists: true)
    for _ in 0..<2 {
      _ = try other.request()
      try other.open(Scene.event("ADDED", Scene.thing("a", 5)))
      try other.breaks(.silent)
      #expect(!other.follower.isSettled)
    }
    #expect(try other.request().url == "/apis/example.io/v1/things?limit=500")
  }

  /// As Kubernetes 1.36 does before an etcd that cannot tell how far it is.
  @Test func aServerWhoseStoreCannotIsAskedForPages() throws {
    let lacks = Scene.event("ERROR", Scene.status(500, "a storage feature is disabled"))
    for code in [500, 501] {
      var scene = Scene(streamsLists: true)
      for _ in 0..<2 {
        let (url, waited) = try scene.request()
        #expect(url.contains("sendInitialEvents=true") && waited <= Backoff.first)
        if code == 500 {
          try scene.take(.answered(HTTPHead(status: 200, headers: [])))
          #expect(try scene.take(.body(Array((lacks + "\n").utf8))))
        } else {
          try scene.answer(code, Scene.status(code))
        }
      }
      #expect(try scene.request().url == "/apis/example.io/v1/things?limit=500")
      try scene.answer(200, Scene.list(20, Scene.thing("a", 5)))
      #expect(scene.condition == .current && scene.told.count == 1)
    }
    var busy = Scene(streamsLists: true)
    for _ in 0..<3 {
      #expect(try busy.request().url.contains("sendInitialEvents=true"))
      try busy.answer(503, Scene.status(503))
    }
  }

  @Test(arguments: [
    (#"{"major":"1","minor":"32"}"#, true), (#"{"major":"1","minor":"34+"}"#, true),
    (#"{"major":"1","minor":"31"}"#, false), ("{}", false), (#"{"major":"2","minor":""}"#, true),
  ])
  func theServersVersionSaysWhetherItCan(text: String, expected: Bool) throws {
    let root = try #require(JSONReader()?.tree(of: Array(text.utf8), named: "version").root)
    #expect(ServerVersion(root).streamsLists == expected)
  }

  // MARK: Revisions

  @Test func objectsOfAnotherRevisionAreNotOurs() throws {
    let canary = #""istio.io/rev":"canary""#
    var scene = Scene()
    _ = try scene.request()
    try scene.answer(200, Scene.list(10, Scene.thing("a", 5, labels: canary), Scene.thing("b", 6)))
    #expect(scene.told.keys.sorted() == ["things.example.io/a/b"])
    _ = try scene.request()
    try scene.open(Scene.event("MODIFIED", Scene.thing("b", 11, labels: canary)))
    #expect(scene.told.isEmpty)
    try scene.lines(
      Scene.event("MODIFIED", Scene.thing("a", 12, labels: #""istio.io/rev":"default""#)))
    #expect(scene.told.keys.sorted() == ["things.example.io/a/a"])
  }

  // MARK: All of it, by seed

  /// A server of one kind that fails as it likes: what was told in the end is what there is.
  @Test(arguments: UInt64(0)..<60)
  func afterTheFaultsStopWhatWasToldIsWhatThereIs(seed: UInt64) throws {
    var limits = FollowerLimits()
    limits.pageSize = 2
    var scene = Scene(seed: seed, limits: limits, streamsLists: seed % 2 == 0)
    var server = FaultyServer(seed: seed)
    for step in 0..<150 {
      if step == 120 { server.rate = 0 }
      if step < 120 { server.change() }
      try server.answer(&scene, step: step)
    }
    #expect(scene.told == server.objects, "seed \(seed)")
    #expect(scene.condition == .current, "seed \(seed)")
  }
}
