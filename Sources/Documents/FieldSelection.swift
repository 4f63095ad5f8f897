/// Which fields of a text become nodes. The others are passed over where they stand: they cost their
/// parsing and nothing more.
package indirect enum FieldSelection: Hashable, Sendable {
  /// Everything, but mappings and sequences under these names, wherever they stand.
  case all(but: [FieldName])
  /// Of a mapping these fields, and of what is in them what is selected of it; of a sequence's
  /// mappings alike. What is no mapping is read as it is.
  case only([Field])
  /// Of a mapping the fields whose names contain one of these texts.
  case containing([FieldName])

  package struct Field: Hashable, Sendable {
    package let name: FieldName
    package let below: FieldSelection

    package init(_ name: String, _ below: FieldSelection = .all) {
      self.name = FieldName(name)
      self.below = below
    }
  }

  package static let all = all(but: [])

  /// What is selected, and the field that the names lead to besides.
  package func adding(_ path: String...) -> FieldSelection { adding(path[...]) }

  private func adding(_ path: ArraySlice<String>) -> FieldSelection {
    guard let first = path.first else { return .all }
    switch self {
    case .all: return self
    case .containing(let texts): return .containing(texts + [FieldName(first)])
    case .only(let fields):
      let name = FieldName(first)
      let before = fields.first { $0.name == name }?.below ?? .only([])
      let field = Field(first, before.adding(path.dropFirst()))
      return .only(fields.filter { $0.name != name } + [field])
    }
  }
}

/// A name as it stands in a text.
package struct FieldName: Hashable, Sendable {
  package let text: String
  private let bytes: [UInt8]
  let beginning: UInt64

  package init(_ text: String) {
    self.text = text
    bytes = Array(text.utf8)
    beginning = unsafe bytes.withUnsafeBufferPointer { unsafe TextBytes($0).beginning }
  }

  func isEqual(to other: TextBytes) -> Bool {
    guard beginning == other.beginning, bytes.count == other.count else { return false }
    return unsafe bytes.withUnsafeBufferPointer { unsafe TextBytes($0) == other }
  }

  func isPart(of other: UnsafeBufferPointer<UInt8>) -> Bool {
    guard other.count >= bytes.count else { return false }
    return (0...(other.count - bytes.count)).contains { start in
      unsafe bytes.elementsEqual(other[start..<(start + bytes.count)])
    }
  }
}
