package import Documents

extension Envoy.Value {
  /// A YAML or JSON value as protobuf's own JSON mapping has it: all numbers are doubles.
  package init(_ node: Node) {
    switch node.content {
    case .null: self.init(kind: .nullValue(.nullValue))
    case .bool(let value): self.init(kind: .boolValue(value))
    case .integer(let value): self.init(kind: .numberValue(Double(value)))
    case .number(let value): self.init(kind: .numberValue(value))
    case .string(let value): self.init(kind: .stringValue(value))
    case .sequence(let values):
      self.init(kind: .listValue(.init(values: values.map(Envoy.Value.init))))
    case .mapping(let entries): self.init(kind: .structValue(Envoy.Struct(entries)))
    }
  }
}

extension Envoy.Struct {
  package init(_ entries: [Node.Entry]) {
    self.init(fields: .init(entries.map { (key: $0.key, value: Envoy.Value($0.value)) }))
  }
}

extension Envoy.Struct: ExpressibleByDictionaryLiteral {
  /// `["config": "/apis/…", "port": 80]`, in the order written.
  package init(dictionaryLiteral elements: (String, Envoy.Value)...) {
    self.init(fields: .init(elements.map { (key: $0.0, value: $0.1) }))
  }
}

extension Envoy.Value: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral
{
  package init(stringLiteral value: String) { self.init(kind: .stringValue(value)) }
  package init(booleanLiteral value: Bool) { self.init(kind: .boolValue(value)) }
  package init(integerLiteral value: Int) { self.init(kind: .numberValue(Double(value))) }
  package init(floatLiteral value: Double) { self.init(kind: .numberValue(value)) }
  package init(arrayLiteral elements: Envoy.Value...) {
    self.init(kind: .listValue(.init(values: elements)))
  }
  package init(dictionaryLiteral elements: (String, Envoy.Value)...) {
    self.init(
      kind: .structValue(.init(fields: .init(elements.map { (key: $0.0, value: $0.1) }))))
  }
  package static func string(_ value: String) -> Envoy.Value { .init(kind: .stringValue(value)) }
  package static func list(_ values: [Envoy.Value]) -> Envoy.Value {
    .init(kind: .listValue(.init(values: values)))
  }
  package static func fields(_ fields: [(key: String, value: Envoy.Value)]) -> Envoy.Value {
    .init(kind: .structValue(.init(fields: .init(fields))))
  }
}
