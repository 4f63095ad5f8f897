import Diagnostics
import Resources
import Store
import TestSupport
import Testing

@testable import Mesh

/// Which addresses ServiceEntries are given, as istiod's allocator gives them.
@Suite struct AddressAllocatorTests {
  private typealias Addresses = [ServiceEntry.AllocatedAddress]

  private static func id(_ name: String) -> NamespacedName {
    NamespacedName(namespace: "shop", name: name)
  }

  private static func entry(
    _ name: String, created: Int64 = 1, hosts: [String]? = nil, addresses: [String] = [],
    resolution: ServiceEntry.Resolution = .static, labels: [String: String] = [:],
    has written: [(host: String, value: String)] = []
  ) -> Object<ServiceEntry> {
    Object(
      metadata: ObjectMeta(
        name: name, namespace: "shop", labels: labels,
        creationTimestamp: Timestamp(secondsSince1970: created)),
      spec: ServiceEntry(
        hosts: hosts ?? ["\(name).example"], addresses: addresses, resolution: resolution,
        allocatedAddresses: written.map { .init(value: $0.value, host: $0.host) }),
      place: Place(file: "test"))
  }

  /// The texts, host by host.
  private static func texts(_ wanted: Addresses??) -> [String]? {
    wanted.flatMap { $0 }.map { $0.map { "\($0.host ?? ""): \($0.value)" } }
  }

  @Test func eachHostHasTwoInTheOrderOfCreation() {
    var allocator = AddressAllocator()
    allocator.take(Self.id("b"), Self.entry("b", created: 2))
    allocator.take(
      Self.id("a"), Self.entry("a", created: 3, hosts: ["x.example", "y.example", "x.example"]))
    let wanted = allocator.settle()
    #expect(
      Self.texts(wanted[Self.id("b")]) == ["b.example: 240.240.0.1", "b.example: 2001:2::1"])
    #expect(
      Self.texts(wanted[Self.id("a")]) == [
        "x.example: 240.240.0.2", "x.example: 2001:2::2", "y.example: 240.240.0.3",
        "y.example: 2001:2::3",
      ])
    let rest1 = allocator.settle()
    #expect(rest1.isEmpty)
  }

  @Test func whatIsWrittenStaysAndOnlyWhatLacksIsGiven() {
    var allocator = AddressAllocator()
    allocator.take(Self.id("new"), Self.entry("new", created: 1))
    allocator.take(
      Self.id("old"),
      Self.entry(
        "old", created: 2, hosts: ["o.example", "p.example"],
        has: [("o.example", "240.240.0.1"), ("o.example", "2001:2::1")]))
    let wanted = allocator.settle()
    #expect(
      Self.texts(wanted[Self.id("old")]) == [
        "o.example: 240.240.0.1", "o.example: 2001:2::1", "p.example: 240.240.0.3",
        "p.example: 2001:2::3",
      ])
    #expect(Self.texts(wanted[Self.id("new")])?.first == "new.example: 240.240.0.2")
  }

  @Test(arguments: [
    (ServiceEntry.Resolution.none, [String](), [String: String]()),
    (.static, ["10.0.0.1"], [:]),
    (.dns, [], ["networking.istio.io/enable-autoallocate-ip": "False"]),
  ])
  func whoIsToHaveNoneLosesThem(
    resolution: ServiceEntry.Resolution, addresses: [String], labels: [String: String]
  ) {
    var allocator = AddressAllocator()
    let bare = Self.entry(
      "a", addresses: addresses, resolution: resolution, labels: labels)
    allocator.take(Self.id("a"), bare)
    let rest2 = allocator.settle()
    #expect(rest2 == [Self.id("a"): Addresses?.none])
    allocator.take(
      Self.id("a"),
      Self.entry(
        "a", addresses: addresses, resolution: resolution, labels: labels,
        has: [("a.example", "240.240.0.9")]))
    let rest3 = allocator.settle()
    #expect(rest3 == [Self.id("a"): Addresses?.some([])])
  }

  @Test func hostsThatAreNoNamesHaveNone() {
    var allocator = AddressAllocator()
    allocator.take(Self.id("a"), Self.entry("a", hosts: ["*.example"]))
    allocator.take(
      Self.id("b"), Self.entry("b", hosts: ["*.example"], resolution: .dynamicDNS))
    let wanted = allocator.settle()
    #expect(wanted[Self.id("a")] == .some(.none))
    #expect(Self.texts(wanted[Self.id("b")])?.count == 2)
  }

  @Test func anAddressThatTwoHaveStaysTheOlderOnes() {
    var allocator = AddressAllocator()
    allocator.take(Self.id("a"), Self.entry("a", created: 2, has: [("a.example", "240.240.0.1")]))
    allocator.take(Self.id("b"), Self.entry("b", created: 1, has: [("b.example", "240.240.0.1")]))
    var wanted = allocator.settle()
    #expect(Self.texts(wanted[Self.id("b")]) == ["b.example: 240.240.0.1"])
    #expect(Self.texts(wanted[Self.id("a")]) == ["a.example: 240.240.0.2", "a.example: 2001:2::1"])
    // Told once more before it is written, it is given the same.
    allocator.take(Self.id("a"), Self.entry("a", created: 2, has: [("a.example", "240.240.0.1")]))
    wanted = allocator.settle()
    #expect(Self.texts(wanted[Self.id("a")]) == ["a.example: 240.240.0.2", "a.example: 2001:2::1"])
    // The older one goes: there is nothing to give way to.
    allocator.take(Self.id("b"), nil)
    let rest4 = allocator.settle()
    #expect(Self.texts(rest4[Self.id("a")]) == ["a.example: 240.240.0.1"])
  }

  @Test func aUsersOwnAddressCountsBeforeAny() {
    var allocator = AddressAllocator()
    allocator.take(Self.id("a"), Self.entry("a", has: [("a.example", "240.240.0.7")]))
    _ = allocator.settle()
    allocator.take(Self.id("u"), Self.entry("u", created: 9, addresses: ["240.240.0.7"]))
    let rest5 = allocator.settle()
    #expect(
      Self.texts(rest5[Self.id("a")]) == [
        "a.example: 240.240.0.1", "a.example: 2001:2::1",
      ])
  }

  @Test func whoLosesItsStatusIsGivenTheSameAgain() {
    var allocator = AddressAllocator()
    let whole = Self.entry("a", has: [("a.example", "240.240.0.9"), ("a.example", "2001:2::9")])
    allocator.take(Self.id("a"), whole)
    _ = allocator.settle()
    allocator.take(Self.id("a"), Self.entry("a"))
    let wanted = allocator.settle()
    #expect(Self.texts(wanted[Self.id("a")]) == ["a.example: 240.240.0.9", "a.example: 2001:2::9"])
  }

  @Test func whatWasGivenGivesWayToWhatIsWritten() {
    var allocator = AddressAllocator()
    allocator.take(Self.id("a"), Self.entry("a"))
    _ = allocator.settle()
    // Another replica wrote, and gave the same address to someone else.
    allocator.take(Self.id("b"), Self.entry("b", has: [("b.example", "240.240.0.1")]))
    let wanted = allocator.settle()
    #expect(Self.texts(wanted[Self.id("a")]) == ["a.example: 240.240.0.2", "a.example: 2001:2::2"])
  }

  @Test func aRangeThatIsUsedUpGivesNoMore() {
    var allocator = AddressAllocator(v4: "10.9.8.240/29", v6: "2001:2::/124")
    for number in 0..<30 {
      let name = String(100 + number)
      allocator.take(Self.id(name), Self.entry(name, created: Int64(number)))
    }
    let wanted = allocator.settle()
    let counts = (0..<30).map { Self.texts(wanted[Self.id(String(100 + $0))])?.count }
    #expect(counts == (0..<30).map { $0 < 7 ? 2 : $0 < 15 ? 1 : 0 })
    let all = wanted.values.compactMap { $0 }.flatMap { $0 }.map(\.value)
    #expect(Set(all).count == all.count && all.contains("10.9.8.247"))
    // What someone gives back is there for others.
    allocator.take(Self.id("100"), nil)
    allocator.take(Self.id("129"), Self.entry("129", created: 99))
    let more = allocator.settle()
    #expect(
      Self.texts(more[Self.id("129")]) == ["129.example: 10.9.8.241", "129.example: 2001:2::1"])
  }

  /// Entries come, go and change, some of it written by others; once all that is wanted is written, no
  /// address is two's, everyone has theirs, and nothing more is wanted.
  @Test(arguments: UInt64(0)..<200) func itComesToRest(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var allocator = AddressAllocator()
    var entries: [String: Object<ServiceEntry>] = [:]
    func write(_ name: String, _ addresses: Addresses) {
      guard let old = entries[name] else { return }
      var spec = old.spec
      spec.allocatedAddresses = addresses
      let new = Object(
        metadata: old.metadata, spec: spec, place: old.place)
      entries[name] = new
      allocator.take(Self.id(name), new)
    }
    for _ in 0..<60 {
      let name = ["a", "b", "c", "d", "e"].randomElement(using: &random) ?? "a"
      switch Int.random(in: 0..<5, using: &random) {
      case 0:
        entries[name] = nil
        allocator.take(Self.id(name), nil)
      case 1:
        let address = "240.240.0.\(Int.random(in: 1...6, using: &random))"
        write(name, [.init(value: address, host: "\(name).example")])
      case 2:
        for (id, addresses) in allocator.settle() where Bool.random(using: &random) {
          if let addresses { write(id.name, addresses) }
        }
      default:
        let own = Int.random(in: 0..<4, using: &random)
        let entry = Self.entry(
          name, created: Int64(Int.random(in: 0..<3, using: &random)),
          hosts: Bool.random(using: &random)
            ? ["\(name).example"] : ["\(name).example", "\(name)2.example"],
          addresses: own == 0 ? ["240.240.0.3"] : [],
          has: entries[name]?.spec.allocatedAddresses.map { ($0.host ?? "", $0.value) } ?? [])
        entries[name] = entry
        allocator.take(Self.id(name), entry)
      }
    }
    for round in 0..<20 {
      for (name, entry) in entries { allocator.take(Self.id(name), entry) }
      let wanted = allocator.settle().sorted { $0.key < $1.key }
      var isDone = true
      for (id, addresses) in wanted {
        guard let addresses, addresses != entries[id.name]?.spec.allocatedAddresses else {
          continue
        }
        isDone = false
        write(id.name, addresses)
      }
      if isDone { break }
      #expect(round < 19, "seed \(seed): it does not come to rest")
    }
    let own = entries.values.flatMap(\.spec.addresses)
    let all = entries.values.flatMap(\.spec.allocatedAddresses).map(\.value)
    #expect(Set(all).count == all.count && Set(all).isDisjoint(with: own), "seed \(seed): \(all)")
    for entry in entries.values {
      let hosts = Set(entry.spec.allocatedAddresses.compactMap(\.host))
      #expect(hosts == (entry.spec.addresses.isEmpty ? Set(entry.spec.hosts) : []), "seed \(seed)")
    }
  }
}
