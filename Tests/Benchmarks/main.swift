import ControlPlane
import Foundation
import Linux

/// What is measured.
enum Part: String, CaseIterable {
  /// In this process, from nothing.
  case scratch
  /// As a client of a server sees it.
  case edit
  /// A large cluster behind an API server; of no shape.
  case kubernetes
}

// Without a `fairlead` beside it, the program serves the mesh itself, as a process of its own.
if CommandLine.arguments.count >= 4, CommandLine.arguments[1] == "serve" {
  var options = ServeOptions()
  switch CommandLine.arguments[2] {
  case "--config": options.mesh.configPaths = [CommandLine.arguments[3]]
  case _: options.cluster.kubeconfig = CommandLine.arguments[3]
  }
  options.sendsVirtualHosts = CommandLine.arguments.contains("--virtual-hosts")
  options.xdsAddress = .tcp(host: "127.0.0.1", port: 0)
  options.httpAddress = .tcp(host: "127.0.0.1", port: 0)
  do {
    try Daemon(options).run()
    exit(0)
  } catch {
    StandardError.write("\(error)\n")
    exit(1)
  }
}

// The table of what costs follow, row by row: a program of its own within this one.
if CommandLine.arguments.count >= 2, CommandLine.arguments[1] == "scale" {
  exit(try scaleBenchmark(Array(CommandLine.arguments.dropFirst(2))))
}

/// `benchmarks [N] [gateways|shared] [scratch|edit|kubernetes]`: all shapes and parts where none is
/// named.
let words = CommandLine.arguments.dropFirst()
let count = words.compactMap { Int($0) }.first ?? 1000
let shapes = words.compactMap(Shape.init)
let parts = words.compactMap(Part.init)
var misses: [String] = []
for shape in parts == [.kubernetes] ? [] : shapes.isEmpty ? Shape.short : shapes {
  print("\(shape.rawValue), N = \(count)")
  for part in parts.isEmpty ? Part.allCases : parts {
    switch part {
    case .scratch: misses += scratchBenchmark(shape, count)
    case .edit: misses += try editBenchmark(shape, count)
    case .kubernetes: break
    }
  }
}
if parts.isEmpty || parts.contains(.kubernetes) {
  // Ten times the shapes' N, as both are asked for: services, and twice as many pods.
  print("kubernetes, N = \(count * 10)")
  misses += try clusterBenchmark(count * 10, minor: 34)
}
if !misses.isEmpty {
  print("beyond the budget:\n" + misses.map { "  \($0)\n" }.joined(), terminator: "")
  exit(1)
}
