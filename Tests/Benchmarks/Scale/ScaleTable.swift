import Foundation
import Glibc

/// The rows of the table that says whether cost follows the change and not the mesh. Each starts its
/// own server.
enum ScaleRow: String, CaseIterable {
  case gateways, shared, services
  case virtualHosts = "virtual-hosts"
  case cluster
  case crowd
  case threads
  case streams
  case reconnect
  case sustained
  case idle

  fileprivate func measure(_ bench: ScaleBench) throws -> [Measurement] {
    switch self {
    case .gateways: try bench.edits(.gateways)
    case .shared: try bench.edits(.shared)
    case .services: try bench.edits(.services)
    case .virtualHosts: try bench.virtualHosts()
    case .cluster: try bench.cluster()
    case .crowd: try bench.crowd()
    case .threads: try bench.threads()
    case .streams: try bench.streams()
    case .reconnect: try bench.reconnect()
    case .sustained: try bench.sustained()
    case .idle: try bench.idle()
    }
  }
}

/// One figure of a row, and what it should be.
struct Measurement {
  enum Target {
    case below(Double)
    case exactly(Double)
    /// Told for what it says of others.
    case none
  }

  let what: String
  let figure: Double
  let unit: String
  let target: Target

  init(_ what: String, _ figure: Double, _ unit: String, _ target: Target = .none) {
    self.what = what
    self.figure = figure
    self.unit = unit
    self.target = target
  }

  init(_ what: String, _ figure: Duration, _ target: Target = .none) {
    self.init(what, figure.milliseconds, "ms", target)
  }

  var isReached: Bool {
    switch target {
    case .below(let limit): figure < limit
    case .exactly(let value): figure == value
    case .none: true
    }
  }

  private var targetText: String {
    switch target {
    case .below(let limit): "< \(text(limit))"
    case .exactly(let value): "= \(text(value))"
    case .none: ""
    }
  }

  var line: String {
    let verdict =
      switch target {
      case .none: ""
      case .below, .exactly: isReached ? "ok" : "MISSED"
      }
    return "  " + what.padded(to: 58) + "\(text(figure)) \(unit)".padded(to: 16)
      + targetText.padded(to: 10) + verdict
  }

  func json(_ row: ScaleRow) -> String {
    let target =
      switch target {
      case .none: ""
      case .below(let limit): ", \"below\": \(limit)"
      case .exactly(let value): ", \"exactly\": \(value)"
      }
    return "{\"row\": \"\(row.rawValue)\", \"what\": \"\(what)\", \"figure\": \(figure), "
      + "\"unit\": \"\(unit)\"\(target), \"reached\": \(isReached)}"
  }

  private func text(_ number: Double) -> String {
    let scale = number.magnitude < 10 ? 1000.0 : 10.0
    let rounded = (number * scale).rounded() / scale
    return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(1, width - count))
  }
}

/// `benchmarks scale [ROW…] [N] [--binary FAIRLEAD] [-o json]`: all rows where none is named, of another
/// size than the table's where one is. Answers the exit status: 1 where a target is missed.
func scaleBenchmark(_ words: [String]) throws -> CInt {
  var rows: [ScaleRow] = []
  var binary: String?
  var size: Int?
  var isJSON = false
  var rest = words[...]
  while let word = rest.popFirst() {
    switch word {
    case "--binary": binary = rest.popFirst()
    case "-o": isJSON = rest.popFirst() == "json"
    case _ where Int(word) != nil: size = Int(word)
    case _:
      guard let row = ScaleRow(rawValue: word) else {
        print("\(word) is no row: \(ScaleRow.allCases.map(\.rawValue).joined(separator: " "))")
        return 2
      }
      rows.append(row)
    }
  }
  // A connection a client, in this process and in the server's.
  var files = rlimit()
  getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files)
  files.rlim_cur = files.rlim_max
  setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files)

  var objects: [String] = []
  var misses = 0
  for row in rows.isEmpty ? ScaleRow.allCases : rows {
    if !isJSON {
      print(row.rawValue)
      fflush(nil)
    }
    let started = ContinuousClock.now
    let bench = ScaleBench(binary: binary, size: size, isQuiet: isJSON)
    let measurements: [Measurement]
    do {
      measurements = try row.measure(bench)
    } catch {
      measurements = [.init("not measured: \(error)", 1, "", .exactly(0))]
    }
    if !isJSON {
      for measurement in measurements { print(measurement.line) }
      bench.progress("\((ContinuousClock.now - started).text) in all")
    }
    misses += measurements.count { !$0.isReached }
    objects += measurements.map { $0.json(row) }
  }
  print(isJSON ? "[\n" + objects.joined(separator: ",\n") + "\n]" : "\(misses) missed")
  return misses == 0 ? 0 : 1
}
