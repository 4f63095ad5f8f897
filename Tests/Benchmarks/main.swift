import ControlPlane
import Foundation
import Linux

// Without a `fairlead` beside it, the program serves the mesh itself, as a process of its own.
if CommandLine.arguments.count == 3, CommandLine.arguments[1] == "serve" {
  var options = ServeOptions()
  options.mesh.configPaths = [CommandLine.arguments[2]]
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

let count = CommandLine.arguments.dropFirst().compactMap { Int($0) }.first ?? 1000
var misses: [String] = []
for shape in Shape.allCases {
  print("\(shape.rawValue), N = \(count)")
  scratchBenchmark(shape, count)
  misses += try editBenchmark(shape, count)
}
if !misses.isEmpty {
  print("beyond the budget:\n" + misses.map { "  \($0)\n" }.joined(), terminator: "")
  exit(1)
}
