import Resources
import Testing

/// Key sets that servers answer with.
@Suite struct KeySetTests {
  private static func set(_ keys: String...) -> String {
    "{\"keys\": [\(keys.joined(separator: ", "))]}"
  }

  private static let (a, b) = (
    #"{"kty": "oct", "k": "YQ", "kid": "a"}"#, #"{"kty": "oct", "k": "Yg", "kid": "b"}"#
  )

  @Test func theOrderOfKeysAndOfTheirMembersIsNoDifference() {
    let other = #"{"kid": "a", "k": "YQ", "kty": "oct"}"#
    #expect(FetchedKeySet.isSame(Self.set(Self.a, Self.b), Self.set(Self.b, other)))
    #expect(!FetchedKeySet.isSame(Self.set(Self.a, Self.b), Self.set(Self.a)))
    #expect(!FetchedKeySet.isSame(Self.set(Self.a), Self.set(Self.b)))
    #expect(!FetchedKeySet.isSame(Self.set(Self.a), "garbage"))
  }

  @Test func anAnswerMustBeAKeySetThatEnvoyCanUse() {
    func problem(_ text: String) -> String? { FetchedKeySet.problem(in: Array(text.utf8)) }
    #expect(problem(Self.set(Self.a)) == nil)
    #expect(problem(Self.set(#"{"kty": "new"}"#, Self.a)) == nil)
    #expect(problem("<html>") == "text that is not JSON")
    #expect(problem("") == "text that is not JSON")
    #expect(problem("[]") == "a list, not an object with keys")
    #expect(problem("{}") == "an object without \"keys\"")
    #expect(problem(#"{"keys": {}}"#) == "an object whose \"keys\" is no list")
    #expect(problem(Self.set()) == "keys none of which Envoy can use")
    #expect(problem(Self.a) == "an object without \"keys\"")
  }

  @Test func aConfigurationSaysWhereTheKeysAre() {
    func location(_ text: String) -> String? {
      FetchedKeySet.location(inConfiguration: Array(text.utf8))
    }
    #expect(location(#"{"jwks_uri": "https://a/b", "issuer": "x"}"#) == "https://a/b")
    #expect(location(#"{"jwks_uri": "file:///etc/passwd"}"#) == nil)
    #expect(location(#"{"jwks_uri": ""}"#) == nil)
    #expect(location(#"{"jwks_uri": 1}"#) == nil)
    #expect(location("{}") == nil && location("x") == nil)
  }
}
