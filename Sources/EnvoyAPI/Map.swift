extension Envoy {
  /// A message's map, in the order its entries are to be written: order reaches the wire, so a
  /// dictionary's cannot be used.
  package struct Map<Key, Value>: ExpressibleByDictionaryLiteral {
    package let entries: [(key: Key, value: Value)]

    package init(_ entries: [(key: Key, value: Value)]) { self.entries = entries }
    package init(dictionaryLiteral elements: (Key, Value)...) {
      entries = elements.map { (key: $0.0, value: $0.1) }
    }
  }
}

extension Envoy.Map where Key: Comparable & Hashable {
  /// The entries of a dictionary, by key.
  package init(_ dictionary: [Key: Value]) {
    entries = dictionary.sorted { $0.key < $1.key }
  }
}
