import Compiler
import Testing

@Suite struct ClusterConvergenceTests {
  /// One change at a time gives the bytes that starting over gives, whatever order the objects then
  /// arrive in.
  @Test(arguments: UInt64(0)..<24) func oneEditAtATimeEqualsStartingOver(seed: UInt64) {
    var services = RandomServices(seed: seed)
    let incremental = ClusterBench()
    for step in 1...45 {
      let edit = services.edit()
      edit.apply(to: incremental.store)
      if step % 3 != 0 { continue }
      let again = ClusterBench(services.shuffled())
      // Compared here and not in the expectation, which would print the bytes.
      let isEqual = incremental.resources() == again.resources()
      #expect(isEqual, "seed \(seed), step \(step): \(edit)")
      if step % 5 == 0 { incremental.store.graph.settle() }
    }
  }
}
