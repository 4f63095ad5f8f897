import Foundation
import Testing

/// `serve` against API servers, each scenario a function of Python/kubernetes.py. One at a time: each is
/// several processes, and has a patience of its own.
@Suite(.serialized) struct KubernetesTests {
  @Test(arguments: [
    "as_from_files", "pages_and_too_old_ones", "too_old_to_watch", "tokens_rotate",
    "kinds_that_are_refused_or_missing", "kinds_that_are_not_served_yet", "kinds_that_come_and_go",
    "as_kubectl_has_it", "mesh_settings_are_followed", "revisions", "namespaces_are_discovered",
    "a_server_that_is_away", "a_server_without_roles_yet", "with_plugin_and_certificates",
    "with_no_more_than_its_role", "as_kmock_has_it", "lists_as_watches", "a_thousand_reconnects",
    "storm", "storm_of_streams",
    "several_clusters", "clusters_at_the_start", "networks_of_clusters", "storm_of_clusters",
    "contents_on_demand", "contents_of_streams",
    "contents_of_old_servers", "contents_that_are_refused",
  ])
  func follows(scenario: String) throws {
    let script = Installed.root.appending(path: "Tests/EndToEnd/Python/kubernetes.py").path
    let run = try Run(Installed.python, [script, Installed.fairlead.path, scenario])
    #expect(run.status == 0, "\(run.output)\(run.complaints)")
    #expect(run.output.contains("\(scenario): "), "the scenario ran")
  }
}
