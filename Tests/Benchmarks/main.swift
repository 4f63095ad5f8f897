import Foundation

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
