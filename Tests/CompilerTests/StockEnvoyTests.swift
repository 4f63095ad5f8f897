import Compiler
import Documents
import EnvoyAPI
import Foundation
import Mesh
import Segments
import TestSupport
import Testing

/// What a proxy without ISTIO_VERSION is sent, read by the program that will read it.
@Suite struct StockEnvoyTests {
  @Test(arguments: GoldenCase.all(with: "in.yaml"))
  func envoyTakesAllOfIt(_ golden: GoldenCase) throws {
    let model = try golden.model()
    let proxies = try golden.stockProxy(in: model)
    let routes = Dictionary(
      uniqueKeysWithValues: try nodes(
        RouteCompiler(model).routes, "envoy.config.route.v3.RouteConfiguration", for: proxies))
    let listeners = try nodes(
      ListenerCompiler(model).listeners, "envoy.config.listener.v3.Listener", for: proxies
    ).map { try inlined($0.1, routes) }
    let clusters = try nodes(
      ClusterCompiler(model, gateways: .all).clusters, "envoy.config.cluster.v3.Cluster",
      for: proxies
    ).map(\.1)
    let complaint = try Self.complaint(
      about: { files in
        bootstrap(listeners: listeners, clusters: clusters.map { existing($0, files) })
      })
    #expect(complaint == nil, "\(golden.testDescription)")
  }

  private func nodes<Name>(
    _ table: ResourceTable<Name>, _ type: String, for proxies: ProxyClass
  ) throws -> [(String, Node)] {
    let type = try #require(MessageType(named: type))
    return try table.names(proxies).compactMap { name in
      try table.bodies(ResourceKey(proxies, name)).map {
        (table.text(name), try type.node(from: $0.flattened()).get())
      }
    }
  }

  /// The listener with its routes in it, in the place of their names.
  private func inlined(_ node: Node, _ routes: [String: Node]) throws -> Node {
    switch node.content {
    case .mapping(let entries):
      return Node(
        .mapping(
          try entries.map { entry in
            guard entry.key == "rds", let name = entry.value["routeConfigName"]?.content,
              case .string(let name) = name
            else { return Node.Entry(key: entry.key, value: try inlined(entry.value, routes)) }
            let routes = try #require(routes[name], "no routes by the name \(name)")
            return Node.Entry(key: "routeConfig", value: routes)
          }))
    case .sequence(let items): return Node(.sequence(try items.map { try inlined($0, routes) }))
    case .null, .bool, .integer, .number, .string: return node
    }
  }

  /// The cluster with files that are there in the place of those on the proxy's own machine.
  private func existing(_ node: Node, _ files: Files) -> Node {
    switch node.content {
    case .mapping(let entries):
      return Node(
        .mapping(
          entries.compactMap { entry in
            guard entry.value["filename"] != nil else {
              return Node.Entry(key: entry.key, value: existing(entry.value, files))
            }
            return switch entry.key {
            case "crl": nil
            case "privateKey": Node.Entry(key: entry.key, value: ["filename": files.key])
            default: Node.Entry(key: entry.key, value: ["filename": files.certificate])
            }
          }))
    case .sequence(let items): return Node(.sequence(items.map { existing($0, files) }))
    case .null, .bool, .integer, .number, .string: return node
    }
  }

  private struct Files {
    let certificate: Node
    let key: Node
  }

  private func bootstrap(listeners: [Node], clusters: [Node]) -> Node {
    [
      "node": ["id": "gateway", "cluster": "gateway"],
      "dynamicResources": [
        "adsConfig": [
          "apiType": "GRPC", "transportApiVersion": "V3",
          "grpcServices": [["envoyGrpc": ["clusterName": "fairlead"]]],
        ]
      ],
      "staticResources": [
        "listeners": Node(.sequence(listeners)),
        "clusters": Node(
          .sequence(
            clusters + [
              [
                "name": "fairlead", "http2ProtocolOptions": [:],
                "loadAssignment": ["clusterName": "fairlead"],
              ]
            ])),
      ],
    ]
  }

  /// Nil where Envoy takes the bootstrap.
  private static func complaint(about bootstrap: (Files) -> Node) throws -> String? {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let pair = try CertificatePair(.curve)
    let certificate = folder.appending(path: "certificate.pem")
    let key = folder.appending(path: "key.pem")
    try Data(pair.certificate).write(to: certificate)
    try Data(pair.key).write(to: key)
    let files = Files(certificate: Node(.string(certificate.path)), key: Node(.string(key.path)))
    let file = folder.appending(path: "envoy.json")
    try Data(bootstrap(files).jsonBytes(.indented)).write(to: file)
    let envoy = Process()
    envoy.executableURL = root.appending(
      path: ".venv/lib/python3.11/site-packages/envoy/_bin/envoy")
    envoy.arguments = ["--mode", "validate", "-l", "error", "-c", file.path]
    let complaints = Pipe()
    envoy.standardError = complaints
    envoy.standardOutput = FileHandle.nullDevice
    try envoy.run()
    let text = String(
      decoding: complaints.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    envoy.waitUntilExit()
    return envoy.terminationStatus == 0 ? nil : text
  }

  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
}
