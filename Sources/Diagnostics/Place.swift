/// Where something stands in a file: what a user needs to find it.
package struct Place: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The path as the user named it, or as found below a directory the user named.
  package let file: String
  /// There are as many places as objects.
  private let shortLine: Int32
  private let shortColumn: Int32

  /// Both count from 1; 0 where only the file is known.
  package var line: Int { Int(shortLine) }
  package var column: Int { Int(shortColumn) }

  package init(file: String, line: Int = 0, column: Int = 0) {
    self.file = file
    shortLine = Int32(clamping: line)
    shortColumn = Int32(clamping: column)
  }

  package var description: String {
    line == 0 ? file : column == 0 ? "\(file):\(line)" : "\(file):\(line):\(column)"
  }

  package static func < (a: Place, b: Place) -> Bool {
    (a.file, a.line, a.column) < (b.file, b.line, b.column)
  }
}

/// A Kubernetes object by kind, namespace and name, as messages and the debug pages spell it.
package struct ObjectName: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let kind: String
  /// Empty for cluster-wide kinds.
  package let namespace: String
  package let name: String

  package init(kind: String, namespace: String, name: String) {
    self.kind = kind
    self.namespace = namespace
    self.name = name
  }

  /// `VirtualService shop/cart`.
  package var description: String {
    namespace.isEmpty ? "\(kind) \(name)" : "\(kind) \(namespace)/\(name)"
  }
  /// `VirtualService/shop/cart`, the key of /debug/rejected and /debug/status.
  package var path: String { "\(kind)/\(namespace)/\(name)" }

  package static func < (a: ObjectName, b: ObjectName) -> Bool {
    (a.kind, a.namespace, a.name) < (b.kind, b.namespace, b.name)
  }
}
