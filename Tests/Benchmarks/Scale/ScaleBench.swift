import Foundation
import Glibc

/// What the rows of the scale table have in common.
struct ScaleBench {
  let binary: String?
  /// Of the mesh, where it is not the table's own.
  let size: Int?
  let isQuiet: Bool

  /// Says how far a long row has come.
  func progress(_ text: String) {
    guard !isQuiet else { return }
    print("  … \(text)")
    fflush(nil)
  }

  /// A server on a mesh of this shape, for the duration of `body`.
  func serving<Result>(
    _ shape: Shape, _ tables: Int, flags: [String] = [],
    _ body: (ScaleMesh, ServerProcess, ClientLoop) throws -> Result
  ) throws -> Result {
    let mesh = try ScaleMesh(shape, size ?? tables)
    let server = try ServerProcess(serving: mesh.folder, binary: binary, flags: flags)
    return try body(mesh, server, ClientLoop())
  }
}

/// Files of a mesh, a few hundred objects each, and by themselves those that are edited.
final class ScaleMesh {
  let folder: URL
  let shape: Shape
  let count: Int
  private let staging: URL
  private var edition = 0
  /// VirtualServices that are edited in turn.
  static let edited = 100

  init(_ shape: Shape, _ count: Int) throws {
    self.shape = shape
    self.count = count
    let root = FileManager.default.temporaryDirectory
      .appending(path: "fairlead-scale-\(getpid())-\(shape.rawValue)-\(count)")
    folder = root.appending(path: "mesh")
    staging = root.appending(path: "staging")
    for folder in [folder, staging] {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }
    let own = Set((0..<ScaleMesh.edited).map { "vs-\($0).yaml" } + [Shape.editedSlice])
    var (group, groups) = ([String](), 0)
    func finishGroup() throws {
      guard !group.isEmpty else { return }
      try write("group-\(groups).yaml", group.joined(separator: "---\n"))
      (group, groups) = ([], groups + 1)
    }
    for file in shape.files(count) {
      if own.contains(file.name) {
        try write(file.name, file.text)
      } else {
        group.append(file.text)
        if group.count == 500 { try finishGroup() }
      }
    }
    try finishGroup()
  }

  deinit {
    do {
      try FileManager.default.removeItem(at: folder.deletingLastPathComponent())
    } catch {
      print("\(folder.path) stays behind: \(error)")
    }
  }

  /// Edits a VirtualService; each time a path of it is another one.
  func editVirtualService(_ index: Int = 0) throws {
    edition += 1
    try write("vs-\(index).yaml", shape.virtualService(index, edition: edition))
  }

  /// Makes an endpoint of the first service ready, or not, in turn.
  func editEndpoint() throws {
    edition += 1
    try write(Shape.editedSlice, Shape.slice(0, edition: edition))
  }

  /// Whole or not at all, as a careful editor does.
  private func write(_ name: String, _ text: String) throws {
    let draft = staging.appending(path: name)
    try text.write(to: draft, atomically: false, encoding: .utf8)
    guard rename(draft.path, folder.appending(path: name).path) == 0 else {
      throw CocoaError(.fileWriteUnknown)
    }
  }
}

/// What a number of edits cost.
struct EditCosts {
  let latencies: [Duration]
  let bytes: Int
  let values: Double
  /// Processor time of the server an edit, and what of it was spent outside the kernel.
  let processor: Double
  let user: Double

  var p50: Duration { latencies[latencies.count / 2] }
  var p99: Duration { latencies[latencies.count * 99 / 100] }

  private static let warmUps = 20

  /// How many edits there are where `measured` are measured.
  static func count(_ measured: Int) -> Int { measured + warmUps }

  /// What is said of the mesh is computed at its own pace, between edits.
  private static func values(_ server: ServerProcess) -> Int {
    server.counter("fairlead_values_computed_total", without: "analysis")
  }

  /// Edits one at a time, each when the client has what the last one changed.
  static func measure(
    _ count: Int, _ server: ServerProcess, _ loop: ClientLoop, _ client: ClientStream,
    until type: SubscribedType, edit: () throws -> Void
  ) throws -> EditCosts {
    func one() throws -> Duration {
      let before = client.responses(of: type)
      let start = ContinuousClock.now
      try edit()
      try loop.run { client.responses(of: type) > before }
      return ContinuousClock.now - start
    }
    for _ in 0..<warmUps { _ = try one() }
    try server.rest(loop)
    let values = values(server)
    let (bytes, processor, system) = (
      client.totalBytes, server.processorMilliseconds, server.systemMilliseconds
    )
    let latencies = try (0..<count).map { _ in try one() }.sorted()
    let (taken, inKernel) = (
      server.processorMilliseconds - processor, server.systemMilliseconds - system
    )
    return EditCosts(
      latencies: latencies, bytes: (client.totalBytes - bytes) / count,
      values: (Double(self.values(server) - values) / Double(count)).rounded(),
      processor: taken / Double(count), user: max(0, taken - inKernel) / Double(count))
  }
}

/// The clients of a row, one class of gateways.
struct Gateways {
  let mesh: ScaleMesh
  let server: ServerProcess
  let loop: ClientLoop

  static let all: [SubscribedType] = [.clusters, .endpoints, .listeners, .routes]

  /// What a gateway of the mesh comes to hold, found out by one over delta xDS that stays connected.
  func scout(takesVirtualHosts: Bool = false) throws -> (client: ClientStream, has: Holdings) {
    let client = try loop.gateway(port: server.port, .delta, takesNote: true)
    client.subscribe(to: .clusters, node: DiscoveryText.node(ingress))
    try loop.run { client.responses(of: .clusters) > 0 }
    client.subscribe(to: .endpoints, names: Gateways.assignments(client.holdings))
    client.subscribe(to: .listeners)
    client.subscribe(to: .routes, names: mesh.shape.routes(mesh.count))
    var types = Gateways.all
    if takesVirtualHosts {
      client.subscribe(to: .virtualHosts)
      types.append(.virtualHosts)
    }
    try loop.run { types.allSatisfy { client.responses(of: $0) > 0 } }
    return (client, client.holdings)
  }

  /// The clusters whose endpoints are resources of their own.
  static func assignments(_ held: Holdings) -> [String] {
    held[.clusters].map(\.name).filter { $0.hasPrefix("outbound") }
  }
}

extension ClientStream {
  /// A gateway that subscribes to all that others like it hold, at once.
  func subscribe(toAllOf held: Holdings, _ routes: [String], id: String) {
    subscribe(to: .clusters, node: DiscoveryText.node(id))
    subscribe(to: .endpoints, names: Gateways.assignments(held))
    subscribe(to: .listeners)
    subscribe(to: .routes, names: routes)
  }

  /// A gateway that came with all it had: assignments and routes are not sent again, and clusters and
  /// listeners are answered with nothing, after the requests for the others were read.
  var isBack: Bool { responses(of: .clusters) > 0 && responses(of: .listeners) > 0 }

  var isSynced: Bool { Gateways.all.allSatisfy { responses(of: $0) > 0 } }
}
