import Foundation
import Testing

/// The bootstrap against the program that reads it.
@Suite struct BootstrapTests {
  @Test(arguments: [
    [], ["-o", "json"], ["--ads", "sotw", "--type", "sidecar", "--namespace", "shop"],
    ["--xds-address", "unix:/run/fairlead.sock", "--admin-address", "unix:/run/envoy-admin.sock"],
    ["--xds-address", "localhost:15010", "--ip", "10.0.0.1", "--ip", "fd00::1"],
    ["--xds-address", "[::1]:15010", "--istio-version", "1.30.0", "--metadata", "NETWORK=west"],
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
