extension Node: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  package init(stringLiteral value: String) { self.init(.string(value)) }
  package init(integerLiteral value: Int64) { self.init(.integer(value)) }
  package init(booleanLiteral value: Bool) { self.init(.bool(value)) }
  package init(arrayLiteral elements: Node...) { self.init(.sequence(elements)) }
  /// The keys must differ.
  package init(dictionaryLiteral elements: (String, Node)...) {
    self.init(.mapping(elements.map { Entry(key: $0.0, value: $0.1) }))
  }
}
