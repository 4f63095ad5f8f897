/// A tag that a span is given, by where its value comes from.
package enum TracingTag: Hashable, Sendable {
  case literal(String)
  case environment(name: String, defaultValue: String)
  case header(name: String, defaultValue: String)
  /// In the operators of access logs: `%RESPONSE_CODE%`.
  case formatter(String)
}

extension TracingTag {
  /// Whether it says where its value comes from.
  package var isStated: Bool {
    switch self {
    case .literal(let value): !value.isEmpty
    case .environment(let name, _), .header(let name, _): !name.isEmpty
    case .formatter: true
    }
  }
}
