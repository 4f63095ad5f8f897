/// What messages of one kind have alike, of which there are thousands: all bytes but a few texts of known
/// lengths, and where those stand. A message is then a copy with its own texts put in, which takes a
/// fraction of the time that putting it together field by field does.
///
/// Not here, on purpose: what makes two messages of one kind. Whoever makes a form must know.
package final class TextForm: Sendable {
  /// A message of the kind, with stand-ins where the texts are.
  private let pattern: Segment
  private let lengths: [Int]
  /// In the order of their places.
  private let slots: [Slot]
  /// How many bytes the texts are together, each once.
  private let ownCount: Int
  /// How a rope tells a message by the pattern; nil where that saves no memory.
  private let stretches: [UInt8]?

  private struct Slot {
    let place: Int
    let text: Int
    /// It stands nowhere before.
    let isFirst: Bool
  }

  /// `encode` makes a message of texts, which it takes over as they are: it is asked for two with
  /// stand-ins of these lengths, and where they differ are the texts. Nil where it does something else with
  /// them.
  package init?(lengths: [Int], _ encode: ([String]) -> [UInt8]) {
    guard lengths.count <= StandIn.most else { return nil }
    let first = encode(lengths.enumerated().map { StandIn.named($0, count: $1) })
    let second = encode(lengths.map { StandIn.counted($0) })
    guard let slots = TextForm.slots(first, second, lengths) else { return nil }
    pattern = Segment(first)
    self.lengths = lengths
    self.slots = slots
    ownCount = slots.reduce(0) { $1.isFirst ? $0 + lengths[$1.text] : $0 }
    let stretches = TextForm.stretches(slots, lengths, count: first.count)
    let size = ownCount + stretches.count * PatternedBytes.Stretch.size
    let isWorthIt = size < first.count * 3 / 4 && first.count + ownCount <= UInt16.max
    self.stretches = isWorthIt ? stretches.flatMap(\.bytes) : nil
  }

  /// Texts whose bytes say which text they are of, and others whose bytes say where in it they stand.
  private enum StandIn {
    static let most = 26

    static func named(_ text: Int, count: Int) -> String {
      String(repeating: String(UnicodeScalar(byte(of: text))), count: count)
    }
    static func counted(_ count: Int) -> String {
      String(decoding: (0..<count).map { byte(at: $0) }, as: UTF8.self)
    }
    static func byte(of text: Int) -> UInt8 { UInt8(ascii: "A") + UInt8(text) }
    static func byte(at place: Int) -> UInt8 { UInt8(ascii: "a") + UInt8(place % most) }
  }

  private static func slots(_ first: [UInt8], _ second: [UInt8], _ lengths: [Int]) -> [Slot]? {
    guard first.count == second.count else { return nil }
    var slots: [Slot] = []
    var place = 0
    while place < first.count {
      guard first[place] != second[place] else {
        place += 1
        continue
      }
      let text = Int(first[place]) - Int(StandIn.byte(of: 0))
      guard lengths.indices.contains(text), place + lengths[text] <= first.count,
        (0..<lengths[text]).allSatisfy({
          first[place + $0] == first[place] && second[place + $0] == StandIn.byte(at: $0)
        })
      else { return nil }
      slots.append(
        Slot(place: place, text: text, isFirst: !slots.contains { $0.text == text }))
      place += lengths[text]
    }
    return slots
  }

  /// The texts stand behind the pattern in the order in which they come first.
  private static func stretches(
    _ slots: [Slot], _ lengths: [Int], count: Int
  ) -> [PatternedBytes.Stretch] {
    var writer = StretchWriter()
    var places: [Int: Int] = [:]
    var (end, ownCount) = (0, 0)
    for slot in slots {
      writer.take(slot.place - end, at: end)
      let length = lengths[slot.text]
      if slot.isFirst {
        places[slot.text] = ownCount
        ownCount += length
        writer.takeOwn(length)
      } else {
        writer.take(length, at: count + places[slot.text, default: 0])
      }
      end = slot.place + length
    }
    writer.take(count - end, at: end)
    writer.finish()
    return writer.stretches
  }

  // MARK: Messages

  package var count: Int { pattern.count }

  /// Writes the message with these texts, which fit, to ``count`` bytes.
  package func fill(_ buffer: UnsafeMutableRawBufferPointer, _ texts: [String]) {
    unsafe pattern.withUnsafeBytes { unsafe buffer.copyMemory(from: $0) }
    for slot in slots { unsafe put(texts[slot.text], slot, at: slot.place, of: buffer) }
  }

  private func put(
    _ text: String, _ slot: Slot, at place: Int, of buffer: UnsafeMutableRawBufferPointer
  ) {
    let length = lengths[slot.text]
    func put(_ bytes: UnsafeBufferPointer<UInt8>) {
      precondition(bytes.count == length, "a form is filled with texts that fit")
      unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[place..<(place + length)])
        .copyMemory(from: UnsafeRawBufferPointer(bytes))
    }
    let isThere: Void? = unsafe text.utf8.withContiguousStorageIfAvailable { unsafe put($0) }
    if isThere == nil {
      var text = text
      text.withUTF8 { unsafe put($0) }
    }
  }

  package func segment(_ texts: [String]) -> Segment {
    unsafe Segment(count: count) { unsafe fill($0, texts) }
  }

  /// The message with these texts, which fit: kept by way of the pattern where that takes less memory.
  package func rope(_ texts: [String]) -> Rope {
    guard let stretches else { return Rope(segment(texts)) }
    let hash = unsafe withUnsafeTemporaryAllocation(byteCount: count, alignment: 8) { room in
      unsafe fill(room, texts)
      return unsafe ContentHash(of: UnsafeRawBufferPointer(room))
    }
    let own = unsafe Segment(count: ownCount + stretches.count, hash: hash) { buffer in
      var place = 0
      for slot in slots where slot.isFirst {
        unsafe put(texts[slot.text], slot, at: place, of: buffer)
        place += lengths[slot.text]
      }
      unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[place...]).copyBytes(from: stretches)
    }
    return Rope(PatternedBytes(pattern: pattern, own: own, ownCount: ownCount, count: count))
  }
}
