import Segments
import TestSupport
import Testing

@testable import Delivery

@Suite struct CatalogTests {
  @Test func aNameThatIsSetAndRemovedInOneUpdateIsGone() {
    let catalog = Catalog(placeholder: ModelMesh.placeholder)
    func resource(_ body: String) -> Resource {
      Resource(type: .endpoints, name: "a", body: Rope(Array(body.utf8)))
    }
    func update(_ changes: CatalogUpdate.Changes) -> CatalogUpdate {
      CatalogUpdate(push: .number(1), changes: [.endpoints: changes])
    }
    #expect(catalog.apply(update(.init(upserts: [resource("1")]))))
    #expect(catalog.apply(update(.init(upserts: [resource("2")], removals: ["a"]))))
    #expect(catalog[.endpoints].names == [])
    #expect(!catalog.apply(update(.init(upserts: [resource("2")], removals: ["a"]))))
    #expect(catalog[.endpoints].version == String(repeating: "0", count: 32))
  }

  /// One update at a time gives what all at once gives: content, order, version and bytes.
  @Test(arguments: UInt64(0)..<50) func aCatalogForgetsHowItGotThere(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let catalog = Catalog(placeholder: ModelMesh.placeholder)
    var contents: [String: String] = [:]
    for step in 1...60 {
      var changes = CatalogUpdate.Changes()
      var names: Set<String> = []
      for _ in 0..<Int.random(in: 0...(step % 20 == 0 ? 80 : 4), using: &random) {
        let name = "n\(Int.random(in: 0..<60, using: &random))"
        guard names.insert(name).inserted else { continue }
        let content = "\(Int.random(in: 0..<3, using: &random))"
        let isRemoval = Int.random(in: 0..<3, using: &random) == 0
        contents[name] = isRemoval ? nil : content
        if isRemoval {
          changes.removals.append(name)
        } else {
          changes.upserts.append(
            Resource(type: .cluster, name: name, body: Rope(Array(content.utf8))))
        }
      }
      catalog.apply(
        CatalogUpdate(push: .number(UInt64(step)), changes: [.cluster: changes]))
      let fresh = Catalog(placeholder: ModelMesh.placeholder)
      fresh.apply(
        StreamHarness.update([.cluster: contents.mapValues(Optional.some)], revision: 1))
      let (table, expected) = (catalog[.cluster], fresh[.cluster])
      #expect(table.names == contents.keys.sorted(), "seed \(seed), step \(step)")
      #expect(table.version == expected.version, "seed \(seed), step \(step)")
      #expect(
        Rope(joining: [table.assembledEntries()]).flattened()
          == Rope(joining: [expected.assembledEntries()]).flattened(), "seed \(seed), step \(step)")
    }
  }

  /// A reader that was away for longer than the log reaches looks at everything again.
  @Test mutating func aReaderThatWasLongAwayMissesNothing() throws {
    var world = StreamHarness(.delta)
    world.set([.cluster: ["a": "0", "b": "0"]])
    world.ask(.cluster)
    _ = try world.acceptedAnswers()
    for edition in 1...3000 { world.set([.cluster: ["a": "\(edition)"]]) }
    world.set([.cluster: ["b": nil, "c": "1"]])
    for edition in 1...3000 { world.set([.cluster: ["a": "\(edition)"]]) }
    #expect(try world.acceptedAnswers() == ["CDS a=3000 c=1 -b"])
  }
}
