import Foundation
import Testing

/// What replicas are compared by, each scenario a function of Python/roots.py.
@Suite(.serialized) struct RootTests {
  @Test(arguments: [
    "equal_whatever_the_order_and_the_faults", "a_difference_is_narrowed_down",
    "what_is_kept_of_old_is_told",
  ])
  func tells(scenario: String) throws {
    let script = Installed.root.appending(path: "Tests/EndToEnd/Python/roots.py").path
    let run = try Run(Installed.python, [script, Installed.fairlead.path, scenario])
    #expect(run.status == 0, "\(run.output)\(run.complaints)")
    #expect(run.output.contains("\(scenario): "), "the scenario ran")
  }
}
