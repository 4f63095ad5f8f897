import ControlPlane
import Flags
import Linux
import Mesh

/// The options of a command that compiles a mesh.
protocol CompilesMesh { var mesh: MeshOptions { get set } }
extension ServeOptions: CompilesMesh {}
extension RenderOptions: CompilesMesh {}

/// The flags that say which mesh, alike in every command.
func meshFlags<Options: CompilesMesh & SendableMetatype>() -> [Flag<Options>] {
  [
    Flag(
      "--config", "PATH", "a file or directory of resources, read recursively; may be repeated",
      addsTo: \.mesh.configPaths),
    Flag("--mesh-config", "FILE", "Istio's MeshConfig", sets: \.mesh.meshConfigFile),
    Flag("--networks-config", "FILE", "Istio's MeshNetworks", sets: \.mesh.networksConfigFile),
    Flag(
      "--domain", "DOMAIN", "the DNS domain of services; cluster.local unless given",
      sets: \.mesh.domain),
    Flag(
      "--cluster-id", "NAME", "this cluster's name; Kubernetes unless given", sets: \.mesh.clusterID
    ),
    Flag(
      "--gateway-clusters", "referenced|all",
      "what a gateway is sent: the clusters it can reach (referenced,\n"
        + "the default) or those of every service (all)",
      sets: \.mesh.gatewayClusters),
    Flag(
      "--quic-listeners",
      "gateways' HTTPS servers speak HTTP/3 too, where their Service has\ntheir port for UDP",
      turnsOn: \.mesh.opensQUIC),
    Flag(
      "--misdirected-requests", "auto|on|off",
      "answer 421 where a request for a host comes over a connection for\n"
        + "another that has a filter chain of its own: on, off, or on for stock\n"
        + "Envoys only (auto, the default)",
      sets: \.mesh.misdirectedRequests),
  ]
}

extension MeshOptions.GatewayClusters: FlagChoice {}
extension MeshModel.MisdirectedRequests: FlagChoice {}
extension ServeOptions.LogLevel: FlagChoice {}
extension WrittenStatus: FlagChoice {}
extension ServeOptions.LogFormat: FlagChoice {}
extension RenderOptions.ResourceType: FlagChoice {}
extension RenderOptions.Format: FlagChoice {}

extension SocketAddress: FlagValue {
  package init?(flagText: String) { self.init(flagText) }
  package static var expectedFlagText: String { "HOST:PORT or unix:PATH" }
}
