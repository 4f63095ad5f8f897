/// How often values up to each bound were observed, as Prometheus has it.
struct Histogram: Sendable {
  let bounds: [Double]
  /// One for each bound, and one for what is beyond.
  private var counts: [Int]
  private var sum = 0.0

  /// From half a millisecond on; istiod's bounds for the same are among them.
  static let seconds = [
    0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 3, 5, 10, 20, 30,
  ]
  /// istiod's bounds for the sizes of responses, and smaller ones.
  static let bytes: [Double] = [
    1, 100, 1000, 10_000, 100_000, 1_000_000, 4_000_000, 10_000_000, 40_000_000,
  ]

  init(bounds: [Double]) {
    self.bounds = bounds
    counts = Array(repeating: 0, count: bounds.count + 1)
  }

  mutating func observe(_ value: Double) {
    counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
    sum += value
  }

  mutating func observe(_ duration: Duration) { observe(duration.inSeconds) }

  var count: Int { counts.reduce(0, +) }

  /// The sample lines of one set of labels, as `type="cds"`.
  func text(_ name: String, labels: String) -> String {
    let comma = labels.isEmpty ? "" : ","
    var total = 0
    var text = ""
    for (bound, count) in zip(bounds.map(Histogram.text) + ["+Inf"], counts) {
      total += count
      text += "\(name)_bucket{\(labels)\(comma)le=\"\(bound)\"} \(total)\n"
    }
    let braces = labels.isEmpty ? "" : "{\(labels)}"
    return text + "\(name)_sum\(braces) \(sum)\n\(name)_count\(braces) \(total)\n"
  }

  private static func text(_ bound: Double) -> String {
    bound == bound.rounded() ? "\(Int(bound))" : "\(bound)"
  }
}

extension Duration {
  var inSeconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
  /// To the microsecond, which is enough to be read.
  var inMilliseconds: Double { (inSeconds * 1_000_000).rounded() / 1000 }
}
