extension MessageType {
  /// What a merge makes of a list that the patch gives.
  package enum ListMerge: Sendable {
    case append
    case replace
  }

  /// `base` with `patch` merged into it, both messages of this type: scalars that are set replace,
  /// messages merge, map entries replace by key, a oneof's new member replaces the old.
  ///
  /// A Duration is replaced as a whole, as Istio does it: 1.5 s patched with 2 s is 2 s. An Any is
  /// merged as the message it is, so a patch's contents replace; ``merged(anys:with:)`` goes inside.
  package func merged(
    _ base: [UInt8], with patch: [UInt8], lists: ListMerge = .append
  ) -> Result<[UInt8], MessageProblem> {
    Merge(lists: lists).message(self, base, patch, depth: 0)
  }

  /// Two encoded google.protobuf.Any of one type as an Any of the merged message; nil if they hold
  /// messages of different types, or of one that was never published.
  package static func merged(
    anys base: [UInt8], with patch: [UInt8], lists: ListMerge = .append
  ) -> Result<[UInt8], MessageProblem>? {
    guard let (type, contents) = opened(any: base), let (other, change) = opened(any: patch),
      type == other
    else { return nil }
    return type.merged(contents, with: change, lists: lists).map(type.any)
  }

  /// An encoded google.protobuf.Any that holds `contents`, a message of this type.
  package func any(of contents: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(field: 1, url.utf8)
    if !contents.isEmpty { bytes.append(field: 2, contents) }
    return bytes
  }

  /// The type and the contents of an encoded google.protobuf.Any; nil for bytes that are none, and for
  /// a type never published.
  package static func opened(any bytes: [UInt8]) -> (type: MessageType, contents: [UInt8])? {
    var type: MessageType?
    var contents: [UInt8] = []
    var scan = WireReader(bytes)
    while let field = scan.next() {
      guard field.wireType == .lengthDelimited else { continue }
      if field.number == 1 {
        type = MessageType(url: String(decoding: bytes[field.contents], as: UTF8.self))
      } else if field.number == 2 {
        contents = Array(bytes[field.contents])
      }
    }
    guard scan.isAtEnd, let type else { return nil }
    return (type, contents)
  }
}

private struct Merge {
  typealias Merged = Result<[UInt8], MessageProblem>

  let lists: MessageType.ListMerge
  private static let duration = MessageType(named: "google.protobuf.Duration")

  private static func failure(_ reason: MessageProblem.Reason) -> Merged {
    .failure(MessageProblem(path: "", position: .unknown, reason: reason))
  }

  func message(_ type: MessageType, _ base: [UInt8], _ patch: [UInt8], depth: Int) -> Merged {
    guard depth <= MessageLimits.depth else { return Merge.failure(.tooDeep) }
    guard let old = FieldGroups(base, in: 0..<base.count, of: type),
      let new = FieldGroups(patch, in: 0..<patch.count, of: type)
    else { return Merge.failure(.malformed) }
    var bytes: [UInt8] = []
    for index in 0..<type.fieldCount {
      let before = old.known.first { $0.field.index == index && !$0.saysNothing }
      let after = new.known.first { $0.field.index == index && !$0.saysNothing }
      let field = type.field(at: index)
      if after == nil, let choice = field.choice,
        new.known.contains(where: { $0.field.choice == choice })
      {
        continue
      }
      switch self.field(field, before, base, after, patch, depth: depth) {
      case .success(let merged): bytes += merged
      case .failure(let reason): return .failure(reason)
      }
    }
    for field in old.unknown { bytes.append(verbatim: field, of: base) }
    for field in new.unknown { bytes.append(verbatim: field, of: patch) }
    return .success(bytes)
  }

  private func field(
    _ field: FieldType, _ before: FieldGroup?, _ base: [UInt8], _ after: FieldGroup?,
    _ patch: [UInt8], depth: Int
  ) -> Merged {
    if field.isMap { return map(field, before, base, after, patch, depth: depth) }
    if field.isRepeated {
      let kept = after != nil && lists == .replace ? nil : before
      return list(field, [(kept, base), (after, patch)], depth: depth)
    }
    if field.kind != .message {
      guard let group = after ?? before else { return .success([]) }
      var bytes: [UInt8] = []
      bytes.append(verbatim: group.last, of: after == nil ? base : patch)
      return .success(bytes)
    }
    guard let after else {
      var bytes: [UInt8] = []
      for occurrence in before?.occurrences ?? [] { bytes.append(verbatim: occurrence, of: base) }
      return .success(bytes)
    }
    let type = field.messageType
    let replaces = type == Merge.duration
    let merged = message(
      type, replaces ? [] : contents(before, base), contents(after, patch), depth: depth + 1)
    return merged.map { contents in
      var bytes: [UInt8] = []
      bytes.append(field: field.number, contents)
      return bytes
    }
  }

  private func contents(_ group: FieldGroup?, _ bytes: [UInt8]) -> [UInt8] {
    group?.occurrences.flatMap { bytes[$0.contents] } ?? []
  }

  private func list(
    _ field: FieldType, _ groups: [(FieldGroup?, [UInt8])], depth: Int
  ) -> Merged {
    var bytes: [UInt8] = []
    var packed: [UInt8] = []
    for case (let group?, let source) in groups {
      guard !field.isPackable else {
        guard let numbers = group.numbers(source) else { return Merge.failure(.malformed) }
        for number in numbers { packed.append(number, as: field.wireType) }
        continue
      }
      for occurrence in group.occurrences { bytes.append(verbatim: occurrence, of: source) }
    }
    if !packed.isEmpty { bytes.append(field: field.number, packed) }
    return .success(bytes)
  }

  /// Entries as they came; one of a key that stands again later is left out.
  private func map(
    _ field: FieldType, _ before: FieldGroup?, _ base: [UInt8], _ after: FieldGroup?,
    _ patch: [UInt8], depth: Int
  ) -> Merged {
    let type = field.messageType
    var entries: [(key: [UInt8], bytes: [UInt8])] = []
    var places: [[UInt8]: Int] = [:]
    for case (let group?, let source) in [(before, base), (after, patch)] {
      for occurrence in group.occurrences {
        guard let parts = FieldGroups(source, in: occurrence.contents, of: type) else {
          return Merge.failure(.malformed)
        }
        var key: [UInt8] = []
        if let found = parts.known.first(where: { $0.field.number == 1 }) {
          key = Array(source[found.last.contents])
        }
        var bytes: [UInt8] = []
        bytes.append(field: field.number, source[occurrence.contents])
        if let place = places[key] {
          entries[place].bytes = bytes
        } else {
          places[key] = entries.count
          entries.append((key, bytes))
        }
      }
    }
    return .success(entries.flatMap(\.bytes))
  }
}

extension [UInt8] {
  /// A field as it stands in `source`.
  mutating func append(verbatim field: WireField, of source: [UInt8]) {
    append(tag: field.number, field.wireType)
    append(contentsOf: source[field.raw])
  }
}
