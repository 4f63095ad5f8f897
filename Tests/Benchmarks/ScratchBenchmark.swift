import AllocationCounter
import Compiler
import ControlPlane
import Documents
import Mesh
import Resources

/// A row of the report, aligned.
func report(_ what: String, _ figure: String) {
  print("  " + what.padding(to: 52) + figure)
}

extension String {
  fileprivate func padding(to width: Int) -> String {
    self + String(repeating: " ", count: max(1, width - count))
  }
}

extension Duration {
  var milliseconds: Double {
    Double(components.seconds) * 1e3 + Double(components.attoseconds) / 1e15
  }
  var text: String { "\((milliseconds * 100).rounded() / 100) ms" }
}

/// From files to everything a first gateway is sent, in this process. The compile is what istiod's own
/// benchmarks measure: the mesh is read and indexed, nothing is computed yet, and all listeners,
/// routes, clusters and endpoints of one proxy become bytes. The best of five.
func scratchBenchmark(_ shape: Shape, _ count: Int) -> [String] {
  var best: [String: Duration] = [:]
  var order: [String] = []
  func timed<Value>(_ what: String, _ body: () -> Value) -> Value {
    let start = ContinuousClock.now
    let value = body()
    let taken = ContinuousClock.now - start
    if best[what] == nil { order.append(what) }
    best[what] = min(best[what] ?? taken, taken)
    return value
  }
  let files = shape.files(count)
  var (size, calls) = (0, 0)
  for _ in 0..<5 {
    var options = MeshOptions()
    options.gatewayClusters = .all
    let engine = Engine(options)
    timed("read, decode and validate the files") {
      for file in files { _ = engine.replace(ParsedFile(Array(file.text.utf8), path: file.name)) }
    }
    let allocations = allocation_count_of_thread()
    let sizes = timed("compile from scratch") { engine.compiledSizes(for: ingress, timed) }
    size = sizes
    calls = Int(allocation_count_of_thread() - allocations)
  }
  for what in order { report(what, best[what]?.text ?? "") }
  report("allocations of a compile from scratch", "\(calls)")
  report("compiled", "\(size / 1000) kB")
  guard count <= 1000, let compile = best["compile from scratch"] else { return [] }
  var misses: [String] = []
  if compile > .milliseconds(shape.compileMilliseconds) {
    misses.append(
      "\(shape.rawValue): compile from scratch \(compile.text), "
        + "budget \(shape.compileMilliseconds) ms")
  }
  if calls > shape.compileAllocations {
    misses.append(
      "\(shape.rawValue): \(calls) allocations of a compile from scratch, "
        + "budget \(shape.compileAllocations)")
  }
  return misses
}

extension Shape {
  /// How long a compile from scratch may take, N = 1,000.
  fileprivate var compileMilliseconds: Int {
    switch self {
    case .gateways: 150
    case .shared: 110
    // Measured by the scale table, as a client sees it.
    case .services, .hosts: 1000
    }
  }

  /// How often a compile from scratch may ask for memory, N = 1,000, whatever the machine.
  fileprivate var compileAllocations: Int {
    switch self {
    case .gateways: 86_000
    case .shared: 48_000
    case .services, .hosts: .max
    }
  }
}

/// The gateway pod of the shapes.
let ingress = "router~10.0.0.1~ingress-1.istio-system~istio-system.svc.cluster.local"
