/// An encoded message taken apart one level deep: some fields can be looked at or put in the place of
/// others, all else stays as it is. Fields are told by their numbers.
///
/// The bytes were encoded here; those of a peer do not belong in it.
package struct MessageParts: Hashable, Sendable {
  private let source: [UInt8]
  private var fields: [WireField]
  /// Contents that take the place of what `source` says of a field.
  private var changes: [Int: [[UInt8]]] = [:]

  package init(_ encoded: [UInt8]) {
    source = encoded
    fields = []
    var scan = WireReader(encoded)
    while let field = scan.next() { fields.append(field) }
    precondition(scan.isAtEnd, "what is taken apart was encoded here")
  }

  /// Of a text, a message or a list of such: the contents of each occurrence.
  package func elements(_ number: Int) -> [[UInt8]] {
    if let changed = changes[number] { return changed }
    return fields.filter { $0.number == number && $0.wireType == .lengthDelimited }
      .map { Array(source[$0.contents]) }
  }

  package func has(_ number: Int) -> Bool {
    changes[number].map { !$0.isEmpty } ?? fields.contains { $0.number == number }
  }

  /// The contents of a message within; nil where there is none.
  package func message(_ number: Int) -> [UInt8]? {
    let found = elements(number)
    return found.isEmpty ? nil : found.count == 1 ? found[0] : found.flatMap { $0 }
  }

  /// A message within, taken apart in its turn.
  package func parts(_ number: Int) -> MessageParts? { message(number).map(MessageParts.init) }

  /// Empty where there is none.
  package func text(_ number: Int) -> String {
    elements(number).last.map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  package func texts(_ number: Int) -> [String] {
    elements(number).map { String(decoding: $0, as: UTF8.self) }
  }

  /// A number that is written as a varint; zero where there is none.
  package func number(_ number: Int) -> UInt64 {
    fields.last { $0.number == number && $0.wireType == .varint }?.bits ?? 0
  }

  /// Puts `elements` in the place of all occurrences of a field; of none, the field is gone.
  package mutating func set(_ number: Int, to elements: [[UInt8]]) { changes[number] = elements }

  /// The message again, its fields in the order of their numbers.
  package var bytes: [UInt8] {
    guard !changes.isEmpty else { return source }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(source.count)
    for number in Set(fields.map(\.number)).union(changes.keys).sorted() {
      if let elements = changes[number] {
        for element in elements { bytes.append(field: number, element) }
      } else {
        for field in fields where field.number == number {
          bytes.append(verbatim: field, of: source)
        }
      }
    }
    return bytes
  }
}
