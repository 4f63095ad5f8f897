import Testing

@testable import Linux

@Suite struct ProcessorsTests {
  @Test(arguments: [
    ("max 100000\n", nil), ("200000 100000\n", 2), ("50000 100000\n", 1), ("250000 100000\n", 3),
    ("", nil), ("0 100000\n", nil), ("100000 0\n", nil), ("-1 100000\n", nil),
  ]) func aContainersQuotaIsWholeProcessors(text: String, processors: Int?) {
    #expect(Processors.quota(text) == processors)
  }

  @Test func thereIsOneAtLeast() { #expect(Processors.available >= 1) }
}
