import Foundation
import Testing

/// Status written back by replicas of `serve`, each scenario a function of Python/status.py. One at a
/// time: each is several processes, and leases run out by the clock.
@Suite(.serialized) struct StatusTests {
  @Test(arguments: [
    "one_writes_and_another_takes_over_when_it_ends",
    "one_that_is_stopped_is_followed_and_writes_nothing_after", "killed_in_the_middle_of_a_storm",
    "what_is_refused_holds_nothing_up", "a_server_that_takes_no_writes_delays_no_push",
    "a_lease_that_is_taken_away_stops_writing_at_once",
    "two_who_write_the_same_do_not_fight_for_ever",
    "what_analysis_finds_is_written", "none_is_written_unless_told",
  ])
  func writes(scenario: String) throws {
    let script = Installed.root.appending(path: "Tests/EndToEnd/Python/status.py").path
    let run = try Run(Installed.python, [script, Installed.fairlead.path, scenario])
    #expect(run.status == 0, "\(run.output)\(run.complaints)")
    #expect(run.output.contains("\(scenario): "), "the scenario ran")
  }
}
