import Documents
import Resources
import Segments
import TestSupport
import Testing

@testable import ControlPlane

/// What hashes of objects say, and what they do not.
@Suite struct ObjectRootsTests {
  private static func file(_ path: String, _ text: String) -> ParsedFile {
    ParsedFile(Array(text.utf8), path: path, limits: DocumentLimits())
  }

  private static func service(
    _ name: String, port: Int, metadata: String = "", apiVersion: String = "v1"
  ) -> String {
    """
    apiVersion: \(apiVersion)
    kind: Service
    metadata: {name: \(name), namespace: shop\(metadata)}
    spec: {ports: [{port: \(port)}]}
    ---

    """
  }

  private static func roots(_ files: ParsedFile...) -> [Kind: ObjectRoots.Sum] {
    var roots = ObjectRoots()
    for file in files { roots.take(file) }
    return roots.kinds.filter { $0.value.count != 0 }
  }

  private static func text(_ words: String) -> String {
    Root(name: "", count: 0, hash: ContentHash(of: Array(words.utf8))).text
  }

  @Test func whatIsEqualIsEqualAndWhatDiffersDiffers() {
    let one = Self.roots(Self.file("a", Self.service("a", port: 1)))
    #expect(one[.service]?.count == 1)
    #expect(one == Self.roots(Self.file("elsewhere", Self.service("a", port: 1))))
    #expect(one != Self.roots(Self.file("a", Self.service("a", port: 2))))
    #expect(one != Self.roots(Self.file("a", Self.service("b", port: 1))))
  }

  @Test func whatServersCountByThemselvesIsNoPart() {
    let bare = Self.roots(Self.file("a", Self.service("a", port: 1)))
    let counted = Self.service(
      "a", port: 1,
      metadata: ", uid: u, resourceVersion: '7', generation: 3, managedFields: [{manager: m}]")
    #expect(bare == Self.roots(Self.file("a", counted)))
  }

  @Test(arguments: [
    ("{a: 1, b: [x, y]}", "{b: [x, y], a: 1}", true), ("{a: [x, y]}", "{a: [y, x]}", false),
    // What runs together is told apart.
    ("{a: [x, y]}", "{a: [xy]}", false), ("{a: '1'}", "{a: 1}", false),
    ("{a: {b: c}}", "{a: [b, c]}", false), ("{ab: c}", "{a: bc}", false),
    ("{a: [[x], y]}", "{a: [[x, y]]}", false), ("{a: null}", "{a: ''}", false),
  ])
  func keysAreInNoOrderAndItemsAre(one: String, other: String, areEqual: Bool) throws {
    let roots = try [one, other].map {
      ContentHash(of: try #require(Self.file("a", $0).documents.first).root)
    }
    #expect((roots[0] == roots[1]) == areEqual)
  }

  @Test func whatIsRefusedCountsAsItWasLast() {
    var roots = ObjectRoots()
    roots.take(Self.file("a", Self.service("a", port: 1)))
    let before = roots.kinds
    roots.take(Self.file("a", Self.service("a", port: 2)), isRefused: true)
    #expect(roots.kinds == before)
    roots.take(Self.file("b", Self.service("b", port: 2)), isRefused: true)
    #expect(roots.kinds == before, "what was never good does not count")
    // A file of which the rest cannot be read keeps what was in it.
    roots.take(Self.file("a", "apiVersion: [\n"))
    #expect(roots.kinds == before)
    roots.remove("a")
    #expect(roots.kinds[.service] == ObjectRoots.Sum())
  }

  @Test func ofSecretsOnlyWhatIsPublicCounts() {
    func secret(_ key: String, certificate: String, more: String = "") -> [Kind: ObjectRoots.Sum] {
      Self.roots(
        Self.file(
          "s",
          """
          apiVersion: v1
          kind: Secret
          metadata: {name: s, namespace: shop, annotations: {kubectl: '\(key)'}}
          data: {tls.crt: \(certificate), tls.key: \(key), password: \(key)\(more)}
          """))
    }
    #expect(secret("QUJD", certificate: "eA==") == secret("WFla", certificate: "eA=="))
    #expect(secret("QUJD", certificate: "eA==") != secret("QUJD", certificate: "eQ=="))
    #expect(
      secret("QUJD", certificate: "eA==") != secret("QUJD", certificate: "eA==", more: ", n: eA=="))
  }

  @Test func whatIsShownIsNotTheSum() {
    let hash = ContentHash(of: [1, 2, 3])
    let root = Root(name: "", count: 1, hash: hash)
    #expect(root.text != hash.description && root.text.count == 32)
    #expect(root.number < 1 << 53)
    #expect(Self.text("a") != Self.text("b") && Self.text("a") == Self.text("a"))
  }

  /// Objects come in any order, in any files, by way of anything: what is there in the end is what counts.
  @Test(arguments: UInt64(0)..<200) func theOrderIsForgotten(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var roots = ObjectRoots()
    var there: [String: [Int]] = [:]
    for _ in 0..<80 {
      let path = ["p", "q", "r", "s"].randomElement(using: &random) ?? "p"
      if Int.random(in: 0..<4, using: &random) == 0 {
        roots.remove(path)
        there[path] = nil
        continue
      }
      let ports = (0..<Int.random(in: 0...3, using: &random)).map { _ in
        Int.random(in: 1...5, using: &random)
      }
      there[path] = ports
      roots.take(Self.file(path, Self.objects(path, ports)))
    }
    var fresh = ObjectRoots()
    for (path, ports) in there.shuffled(using: &random) {
      fresh.take(Self.file(path, Self.objects(path, ports)))
    }
    #expect(
      roots.kinds.filter { $0.value.count > 0 } == fresh.kinds.filter { $0.value.count > 0 },
      "seed \(seed): \(there)")
    #expect(roots.kinds.values.allSatisfy { $0.count > 0 || $0.hash == .zero }, "seed \(seed)")
  }

  private static func objects(_ path: String, _ ports: [Int]) -> String {
    ports.enumerated().map { service("\(path)\($0)", port: $1) }.joined()
  }
}

extension ObjectRoots {
  fileprivate mutating func take(_ file: ParsedFile, isRefused: Bool = false) {
    replace(ReadObjects(file), at: file.path) { _ in isRefused }
  }
}
