/// The candidate a writer most likely meant by `word`: the one fewest slips away (a letter wrong,
/// missing, added, or two swapped), if no more than a third of the word's letters are wrong. Upper and
/// lower case count as equal. Of several equally near, the first in alphabetical order.
package func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
  let letters = Array(word.lowercased().utf8)
  var best: (name: String, distance: Int)?
  for candidate in candidates where !candidate.isEmpty {
    let other = Array(candidate.lowercased().utf8)
    let allowed = max(1, max(letters.count, other.count) / 3)
    let bound = min(allowed, best?.distance ?? allowed)
    guard let distance = slips(letters, other, atMost: bound) else { continue }
    guard distance < min(letters.count, other.count) else { continue }
    if let known = best, (known.distance, known.name) <= (distance, candidate) { continue }
    best = (candidate, distance)
  }
  return best?.name
}

/// The optimal string alignment distance (Damerau-Levenshtein in which nothing is edited twice), or nil
/// where it is more than `bound`.
private func slips(_ a: [UInt8], _ b: [UInt8], atMost bound: Int) -> Int? {
  guard abs(a.count - b.count) <= bound else { return nil }
  var beforeLast: [Int] = []
  var last = Array(0...b.count)
  for i in 0..<a.count {
    var row = [i + 1]
    for j in 0..<b.count {
      var cost = min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
        cost = min(cost, beforeLast[j - 1] + 1)
      }
      row.append(cost)
    }
    if row.allSatisfy({ $0 > bound }) { return nil }
    beforeLast = last
    last = row
  }
  return last[b.count] <= bound ? last[b.count] : nil
}
