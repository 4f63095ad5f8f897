import Delivery
import Segments
import TestSupport
import Testing

@testable import ControlPlane

/// Streams of several classes on several threads come, change their class and go, while the classes'
/// contents change: each thread must have exactly the catalogs of its streams, and each as it is.
@Suite struct DispatchTests {
  /// What the publisher would hold and say: each class's contents, as numbers by name.
  private struct Mesh {
    var contents: [ClassNumber: [String: UInt8]] = [:]
    var classes: [StreamNumber: ClassNumber] = [:]
    var threads: [StreamNumber: ThreadNumber] = [:]
    var lastClass = 0

    func streams(of number: ClassNumber) -> [StreamNumber] {
      classes.filter { $0.value == number }.keys.sorted()
    }

    static func update(_ contents: [String: UInt8], removing names: [String] = []) -> CatalogUpdate
    {
      CatalogUpdate(
        push: Push(number: 1, changedAt: .zero, compiledAt: .zero),
        changes: [
          .cluster: .init(
            upserts: contents.map {
              Resource(type: .cluster, name: $0.key, body: Rope([$0.value]))
            }, removals: names)
        ])
    }

    /// A stream is of this class from now on; a class that nobody was of begins.
    mutating func assign(_ stream: StreamNumber, to number: ClassNumber) -> [Instruction] {
      let before = classes[stream]
      classes[stream] = number
      return [.assign(stream, number)]
        + (before.map { streams(of: $0).isEmpty ? [.drop($0)] : [] } ?? [])
    }

    mutating func begin() -> (ClassNumber, [Instruction]) {
      lastClass += 1
      contents[lastClass] = ["a": UInt8(truncatingIfNeeded: lastClass)]
      return (lastClass, [.update(lastClass, Mesh.update(contents[lastClass] ?? [:]))])
    }

    mutating func change(_ number: ClassNumber, by random: inout SeededRandom) -> Instruction {
      let name = ["a", "b", "c", "d"].randomElement(using: &random) ?? "a"
      if Bool.random(using: &random) {
        contents[number]?[name] = nil
        return .update(number, Mesh.update([:], removing: [name]))
      }
      let value = UInt8.random(in: 0...255, using: &random)
      contents[number]?[name] = value
      return .update(number, Mesh.update([name: value]))
    }
  }

  /// What a thread holds when it has performed what it was given.
  private struct Holder {
    var catalogs: [ClassNumber: Catalog] = [:]
    var classes: [StreamNumber: ClassNumber] = [:]

    mutating func perform(_ instructions: [Instruction]) {
      for instruction in instructions {
        switch instruction {
        case .update(let number, let update):
          let catalog = catalogs[number] ?? Catalog { _, _ in nil }
          catalog.apply(update)
          catalogs[number] = catalog
        case .assign(let stream, let number): classes[stream] = number
        case .drop(let number): catalogs[number] = nil
        }
      }
    }

    func contents(_ stream: StreamNumber) -> [String: UInt8]? {
      classes[stream].flatMap { catalogs[$0] }.map { catalog in
        Dictionary(
          uniqueKeysWithValues: catalog[.cluster].all.map { ($0.name, $0.body.flattened()[0]) })
      }
    }
  }

  @Test(arguments: UInt64(0)..<100) func aThreadHasTheCatalogsOfItsStreamsAndNoOthers(
    seed: UInt64
  ) {
    var random = SeededRandom(seed: seed)
    var mesh = Mesh()
    var dispatch = Dispatch(threadCount: 3)
    var holders = Array(repeating: Holder(), count: 3)
    var lastStream: StreamNumber = 0
    for step in 1...60 {
      var instructions: [Instruction] = []
      // Changes are told before streams move, as the publisher does.
      for number in Set(mesh.classes.values).sorted() where Bool.random(using: &random) {
        instructions.append(mesh.change(number, by: &random))
      }
      switch Int.random(in: 0..<4, using: &random) {
      case 0:
        lastStream += 1
        let thread = Int.random(in: 0..<3, using: &random)
        mesh.threads[lastStream] = thread
        dispatch.connected(lastStream, on: thread)
        instructions += join(lastStream, &mesh, &random)
      case 1:
        guard let stream = mesh.classes.keys.sorted().randomElement(using: &random) else { break }
        for (thread, told) in dispatch.disconnected(stream) { holders[thread].perform(told) }
        let number = mesh.classes.removeValue(forKey: stream)
        if let number, mesh.streams(of: number).isEmpty { instructions.append(.drop(number)) }
      case 2:
        guard let stream = mesh.classes.keys.sorted().randomElement(using: &random) else { break }
        instructions += join(stream, &mesh, &random)
      case _: break
      }
      let told = dispatch.divide(instructions) { mesh.contents[$0].map { Mesh.update($0) } }
      for (thread, told) in told { holders[thread].perform(told) }
      for (stream, number) in mesh.classes {
        let holder = holders[mesh.threads[stream] ?? 0]
        #expect(holder.contents(stream) == mesh.contents[number], "seed \(seed), step \(step)")
      }
      for (thread, holder) in holders.enumerated() {
        let wanted = Set(mesh.classes.filter { mesh.threads[$0.key] == thread }.values)
        #expect(Set(holder.catalogs.keys) == wanted, "seed \(seed), step \(step)")
      }
    }
  }

  private func join(
    _ stream: StreamNumber, _ mesh: inout Mesh, _ random: inout SeededRandom
  ) -> [Instruction] {
    let others = Set(mesh.classes.values).sorted()
    if Bool.random(using: &random), let number = others.randomElement(using: &random) {
      return number == mesh.classes[stream] ? [] : mesh.assign(stream, to: number)
    }
    let (number, began) = mesh.begin()
    return began + mesh.assign(stream, to: number)
  }
}
