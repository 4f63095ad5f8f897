import Diagnostics
import Testing

@Suite struct DiagnosticTextTests {
  let diagnostic = Diagnostic(
    severity: .error, code: .referencedResourceNotFound, place: Place(file: "shop.yaml", line: 31),
    object: ObjectName(kind: "VirtualService", namespace: "shop", name: "cart"),
    field: "http[0].route[1].destination.subset",
    problem: "no DestinationRule defines subset \"v3\" of cart.shop.svc.cluster.local",
    evidence: "Subsets that exist: v1, v2",
    effect: "Requests sent to it are answered 503 until one does")

  @Test func aPersonReadsWhereWhatAndWhatTrafficDoes() {
    #expect(
      diagnostic.text() == """
        shop.yaml:31: error IST0101: VirtualService shop/cart http[0].route[1].destination.subset: \
        no DestinationRule defines subset "v3" of cart.shop.svc.cluster.local
            Subsets that exist: v1, v2.
            Requests sent to it are answered 503 until one does.
        """)
  }

  @Test func onlyTheSeverityIsColoured() {
    #expect(
      diagnostic.text(.coloured).hasPrefix(
        "shop.yaml:31: \u{1B}[1;31merror IST0101\u{1B}[0m: VirtualService shop/cart "))
  }

  @Test func aLogLineLeavesTheSeverityToItsLevel() {
    #expect(diagnostic.text(.logged).hasPrefix("shop.yaml:31: IST0101: VirtualService shop/cart "))
    let bare = Diagnostic(severity: .error, place: Place(file: "shop.yaml"), problem: "is empty")
    #expect(bare.text(.logged) == "shop.yaml: is empty")
  }

  @Test func aListShowsTheMessageWithoutPlaceAndObject() {
    #expect(
      diagnostic.message == """
        http[0].route[1].destination.subset: \
        no DestinationRule defines subset "v3" of cart.shop.svc.cluster.local. \
        Subsets that exist: v1, v2. Requests sent to it are answered 503 until one does.
        """)
  }

  @Test func messagesAreListedInTheOrderOfTheirPlaces() {
    let places = [Place(file: "b", line: 1), Place(file: "a", line: 10), Place(file: "a", line: 9)]
    let sorted = places.map { Diagnostic(severity: .info, place: $0, problem: "x") }.sorted()
    #expect(sorted.map(\.place.description) == ["a:9", "a:10", "b:1"])
  }
}
