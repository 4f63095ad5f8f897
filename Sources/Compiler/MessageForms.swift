internal import EnvoyAPI
internal import Incremental
internal import Segments

/// The forms of the messages that one translator makes by the thousand, by what they say besides names.
///
/// It is the translator itself that makes a form, of stand-ins for the names: a message is the same whether
/// there is a form of it or not, which decides only how long it takes.
final class MessageForms<Kind: Digested> {
  private var entries: [Entry?] = Array(repeating: nil, count: 1 << MessageForms.bits)
  /// Mostly the next is like it.
  private var last: Entry?
  /// So many forms there are at most, as a power of two.
  private static var bits: Int { 8 }
  /// After so many others it makes room.
  private static var patience: Int { 16 }

  private final class Entry {
    let kind: Kind
    let lengths: [Int]
    var form: TextForm?
    /// A kind that comes once needs no form.
    var hasComeAgain = false
    /// How many others wanted its place since it was asked for.
    var others = 0

    init(_ kind: Kind, _ lengths: [Int]) {
      self.kind = kind
      self.lengths = lengths
    }

    func isOf(_ kind: Kind, _ texts: [String]) -> Bool {
      guard self.kind == kind, texts.count == lengths.count else { return false }
      for place in texts.indices where texts[place].utf8.count != lengths[place] { return false }
      return true
    }
  }

  /// The form of a kind's messages for texts as long as these, which messages take as they are; nil where
  /// there is none (yet). `encode` makes a message of the kind with other texts.
  func form(
    of kind: Kind, _ texts: [String], _ encode: ([String]) -> [UInt8]
  ) -> TextForm? {
    if let last, let form = last.form, last.isOf(kind, texts) { return form }
    var digest = kind.digest
    for text in texts { digest = digest.mixed(with: UInt64(truncatingIfNeeded: text.utf8.count)) }
    let place = Int(truncatingIfNeeded: digest >> 32) & (entries.count - 1)
    guard let entry = entries[place], entry.isOf(kind, texts) else {
      makeRoom(at: place, kind, texts)
      return nil
    }
    last = entry
    entry.others = 0
    if !entry.hasComeAgain {
      entry.hasComeAgain = true
      entry.form = TextForm(lengths: entry.lengths, encode)
    }
    return entry.form
  }

  private func makeRoom(at place: Int, _ kind: Kind, _ texts: [String]) {
    if let other = entries[place], other.others < MessageForms.patience {
      other.others += 1
    } else {
      entries[place] = Entry(kind, texts.map(\.utf8.count))
    }
  }
}
