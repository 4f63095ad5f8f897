import Foundation
import Testing

/// The bootstrap against the program that reads it.
@Suite struct BootstrapTests {
  @Test(arguments: [
    [], ["-o", "json"], ["--ads", "sotw", "--type", "sidecar", "--namespace", "shop"],
    ["--xds-address", "unix:/run/fairlead.sock", "--admin-address", "unix:/run/envoy-admin.sock"],
    ["--xds-address", "localhost:15010", "--ip", "10.0.0.1", "--ip", "fd00::1"],
    ["--xds-address", "[::1]:15010", "--istio-version", "1.30.0", "--metadata", "NETWORK=west"],
    ["--status-address", "0.0.0.0:15021", "--admin-address", "unix:/run/envoy-admin.sock"],
    ["--labels", "app=it's \"quoted\": #yes", "--labels", "version=1.10", "--labels", "on=true"],
  ])
  func envoyTakesIt(flags: [String]) throws {
    let printed = try Run(Installed.fairlead, ["bootstrap"] + flags)
    #expect(printed.status == 0, "\(printed.complaints)")
    let folder = try TemporaryFolder()
    let file = try folder.write(printed.output, as: "envoy.yaml")
    let envoy = try Run(Installed.envoy, ["--mode", "validate", "-c", file])
    #expect(envoy.status == 0, "\(envoy.complaints)")
  }

  @Test func itGoesToAFileWhereThereIsNoShellToSendItThere() throws {
    let printed = try Run(Installed.fairlead, ["bootstrap"]).output
    let folder = try TemporaryFolder()
    let file = try folder.write("an older one, longer than any" + printed, as: "e.yaml")
    let silent = try Run(Installed.fairlead, ["bootstrap", "--output", file])
    #expect(silent.status == 0 && silent.output.isEmpty, "\(silent.complaints)")
    #expect(try String(contentsOf: URL(filePath: file), encoding: .utf8) == printed)
    let nowhere = try Run(Installed.fairlead, ["bootstrap", "--output", "/no/such/folder/e.yaml"])
    #expect(nowhere.status == 1 && nowhere.complaints.contains("/no/such/folder/e.yaml"))
  }

  @Test func itSaysWhoTheProxyIs() throws {
    let printed = try Run(
      Installed.fairlead,
      [
        "bootstrap", "--namespace", "istio-system", "--name", "gw-1", "--ip", "10.0.0.1", "--ip",
        "10.0.0.2", "--labels", "app=gw", "--labels", "version=1.10", "--service-account", "gw-sa",
        "--cluster-id", "west", "--domain", "mesh.local", "-o", "json",
      ])
    let bootstrap = try #require(
      try JSONSerialization.jsonObject(with: Data(printed.output.utf8)) as? [String: Any])
    let node = try #require(bootstrap["node"] as? NSDictionary)
    #expect(
      node == [
        "id": "router~10.0.0.1~gw-1.istio-system~istio-system.svc.mesh.local",
        "cluster": "gw.istio-system",
        "metadata": [
          "NAMESPACE": "istio-system", "NAME": "gw-1", "SERVICE_ACCOUNT": "gw-sa",
          "CLUSTER_ID": "west", "INSTANCE_IPS": "10.0.0.1,10.0.0.2",
          "LABELS": ["app": "gw", "version": "1.10"],
        ],
      ])
  }
}
