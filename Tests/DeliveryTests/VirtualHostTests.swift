import Testing

@testable import Delivery

/// Virtual hosts, as Envoy 1.40 asks for them over an aggregated delta stream: its first request names
/// nothing, whatever route configurations it has, and no other follows when it gets more of them.
@Suite struct VirtualHostTests {
  var world = StreamHarness(.delta)

  @Test mutating func aRequestThatNamesNothingAsksForAll() throws {
    world.set([.virtualHost: ["r/a": "1", "r/b": "1", "s/a": "1"]])
    world.ask(.virtualHost)
    #expect(try world.acceptedAnswers() == ["VHDS r/a=1 r/b=1 s/a=1"])
    world.set([.virtualHost: ["r/b": "2"]])
    #expect(try world.answers() == ["VHDS r/b=2"])
  }

  /// Envoy dropped those that came before their route configuration.
  @Test mutating func theyFollowTheirRouteConfiguration() throws {
    world.set([.virtualHost: ["r/a": "1", "rr/a": "1"], .routes: ["r": "1", "rr": "1"]])
    world.ask(.virtualHost)
    _ = try world.acceptedAnswers()
    world.ask(.routes, plus: ["r"])
    #expect(try world.acceptedAnswers() == ["RDS r=1", "VHDS r/a=1"])
  }

  /// Envoy refuses two with one domain, so that who gives one up goes with who takes it.
  @Test mutating func whatIsGoneGoesWithWhatIsNew() throws {
    world.set([.virtualHost: ["r/a": "1"], .routes: ["r": "1"]])
    world.ask(.routes, plus: ["r"])
    world.ask(.virtualHost)
    _ = try world.acceptedAnswers()
    world.set([.virtualHost: ["r/a": nil, "r/b": "1"], .routes: ["r": "2"]])
    #expect(try world.answers() == ["RDS r=2", "VHDS r/b=1 -r/a"])
  }

  @Test mutating func whoComesBackIsSentWhatChangedMeanwhile() throws {
    world.set([.virtualHost: ["r/a": "1", "r/b": "1", "r/c": "1"], .routes: ["r": "1"]])
    world.ask(.routes, plus: ["r"])
    world.ask(.virtualHost)
    _ = try world.acceptedAnswers()
    let known = [
      "r/a": world.catalog[.virtualHost]["r/a"]?.version ?? "", "r/gone": "0", "r/b": "old",
    ]
    let routes = ["r": world.catalog[.routes]["r"]?.version ?? ""]
    var later = StreamHarness(.delta)
    later.set([.virtualHost: ["r/a": "1", "r/b": "1", "r/c": "1"], .routes: ["r": "1"]])
    later.ask(.routes, plus: ["r"], known: routes)
    later.ask(.virtualHost, known: known)
    #expect(try later.answers() == ["VHDS r/b=1 r/c=1 -r/gone"])
  }
}
