import Resources
import Store
import TestSupport
import Testing

@testable import Mesh

@Suite struct HostPatternTests {
  /// All texts of letters up to a length.
  static func texts(_ letters: [Character], upTo length: Int) -> [String] {
    var all = [""]
    var last = [""]
    for _ in 0..<length {
      last = last.flatMap { text in letters.map { text + String($0) } }
      all += last
    }
    return all
  }
  static let patterns: [String] = texts(["a", "."], upTo: 3).flatMap {
    $0.isEmpty ? ["*"] : [$0, "*" + $0]
  }

  static func hosts(of pattern: String) -> Set<String> {
    let all = texts(["a", "."], upTo: 6)
    return pattern.first == "*"
      ? Set(all.filter { $0.hasSuffix(pattern.dropFirst()) }) : Set(all.filter { $0 == pattern })
  }

  /// The oracle is the sets of hosts that patterns stand for.
  @Test func aPatternCoversWhatItsHostsInclude() {
    let meanings = Self.patterns.map { ($0, Self.hosts(of: $0)) }
    for (a, hostsOfA) in meanings {
      for (b, hostsOfB) in meanings {
        let (first, second) = (HostPattern(a), HostPattern(b))
        #expect(first.isCovered(by: second) == hostsOfA.isSubset(of: hostsOfB), "\(a) by \(b)")
        #expect(first.overlaps(second) == !hostsOfA.isDisjoint(with: hostsOfB), "\(a) and \(b)")
      }
    }
  }

  @Test func anIntersectionHasTheNarrowerOfEachPairInOrder() {
    let server = ["*.example.com", "shop.org", "*"].map { ServerHost(host: $0) }
    let service = VirtualServiceScope(
      NamespacedName(namespace: "shop", name: "v"),
      hosts: ["a.example.com", "*.org", "example.com"].map(HostPattern.init))
    #expect(
      server.shared(with: service).map(\.text) == [
        "a.example.com", "shop.org", "*.org", "example.com",
      ])
    #expect([ServerHost]().shared(with: service).isEmpty)
    let elsewhere = [
      ServerHost(namespace: "other", host: "*"), ServerHost(namespace: "shop", host: "shop.org"),
    ]
    #expect(elsewhere.shared(with: service).map(\.text) == ["shop.org"])
  }

  @Test func aShortNameIsAServiceOfTheNamespace() {
    func completed(_ host: String) -> String {
      ServiceHost.completed(host, in: "shop", domain: "cluster.local")
    }
    #expect(completed("cart") == "cart.shop.svc.cluster.local")
    #expect(completed("cart.shop") == "cart.shop")
    #expect(completed("*") == "*")
    #expect(completed("2001:db8::1") == "2001:db8::1")
    #expect(completed("10.0.0.1") == "10.0.0.1")
  }
}
