import HTTPClient
import TestSupport
import Testing

@testable import Ingest

/// The objects of one kind with their history, and answers that break by seed.
struct FaultyServer {
  typealias Scene = FollowerScene

  var random: SeededRandom
  var rate = 0.4
  private(set) var version = 10
  private var things: [String: Int] = [:]
  private var history: [(version: Int, type: String, name: String)] = []
  private var forgotten = 0
  /// What a page after the first belongs to, and where it begins.
  private var snapshots: [Int: [(String, Int)]] = [:]

  init(seed: UInt64) { random = SeededRandom(seed: seed &+ 1000) }

  /// As the follower tells them.
  var objects: [String: String] {
    Dictionary(
      uniqueKeysWithValues: things.map { ("things.example.io/a/\($0.key)", "\($0.value)") })
  }

  mutating func change() {
    let name = "t\(Int.random(in: 0..<8, using: &random))"
    version += 1
    if things[name] != nil, Bool.random(using: &random) {
      things[name] = nil
      history.append((version, "DELETED", name))
    } else {
      history.append((version, things[name] == nil ? "ADDED" : "MODIFIED", name))
      things[name] = version
    }
    if Int.random(in: 0..<20, using: &random) == 0 {
      forgotten = version
      history = []
    }
  }

  private mutating func breaks() -> Bool { Double.random(in: 0..<1, using: &random) < rate }

  /// Answers the follower's next request, whole or not, and ends it.
  mutating func answer(_ scene: inout FollowerScene, step: Int) throws {
    let url = try scene.request().url
    let query = Dictionary(
      uniqueKeysWithValues: url.split(separator: "?").last?.split(separator: "&").compactMap {
        let pair = $0.split(separator: "=").map(String.init)
        return pair.count == 2 ? (pair[0], pair[1]) : nil
      } ?? [])
    if breaks() {
      switch Int.random(in: 0..<4, using: &random) {
      case 0: return try scene.breaks()
      case 1: return try scene.answer(429, Scene.status(429))
      case 2: return try scene.answer(500, "<html>")
      default: return try scene.answer(200, "{")
      }
    }
    if query["sendInitialEvents"] == "true" {
      try stream(&scene)
    } else if let from = query["resourceVersion"].flatMap(Int.init) {
      try watch(from, &scene)
    } else {
      try list(query, &scene)
    }
  }

  private mutating func list(_ query: [String: String], _ scene: inout FollowerScene) throws {
    var at = version
    var start = 0
    if let token = query["continue"] {
      let parts = token.split(separator: "-").compactMap { Int($0) }
      (at, start) = (parts[0], parts[1])
      if at < forgotten { return try scene.answer(410, Scene.status(410)) }
    } else {
      snapshots[at] = things.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
    let all = snapshots[at] ?? []
    let limit = query["limit"].flatMap(Int.init) ?? max(1, all.count)
    let page = all.dropFirst(start).prefix(limit).map { Scene.thing($0.0, $0.1) }
    let next = start + limit < all.count ? "\(at)-\(start + limit)" : nil
    let more = next.map { #","continue":"\#($0)""# } ?? ""
    try scene.answer(
      200,
      #"{"kind":"ThingList","metadata":{"resourceVersion":"\#(at)"\#(more)},"items":[\#(page.joined(separator: ","))]}"#
    )
  }

  private mutating func stream(_ scene: inout FollowerScene) throws {
    try scene.open()
    for (name, version) in things.sorted(by: { $0.key < $1.key }) {
      try scene.lines(Scene.event("ADDED", Scene.thing(name, version)))
      if breaks() { return try scene.breaks() }
    }
    try scene.lines(Scene.endOfList(version))
    scene.now += .seconds(10)
    #expect(try scene.take(.ended(nil)))
  }

  private mutating func watch(_ from: Int, _ scene: inout FollowerScene) throws {
    if from < forgotten { return try scene.answer(410, Scene.status(410)) }
    try scene.open()
    for event in history where event.version > from {
      let line = Scene.event(event.type, Scene.thing(event.name, event.version)) + "\n"
      if breaks() {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: try scene.take(.body(Array(line.utf8.dropLast(9))))
        case 1:
          if try scene.take(.body(Array("{}\n".utf8))) { return }
        case 2:
          let error = Scene.event("ERROR", Scene.status(410)) + "\n"
          if try scene.take(.body(Array(error.utf8))) { return }
        default:
          try scene.take(.body(Array(line.utf8)))
          try scene.take(.body(Array(line.utf8)))
        }
        return try scene.breaks()
      }
      try scene.take(.body(Array(line.utf8)))
    }
    try scene.take(.body(Array((Scene.bookmark(version) + "\n").utf8)))
    scene.now += .seconds(10)
    #expect(try scene.take(.ended(nil)))
  }
}
