internal import EnvoyAPI
internal import Resources

extension EnvoyFilter.Operation {
  /// How a merge deals with lists; nil for what is no merge.
  var listMerge: MessageType.ListMerge? {
    switch self {
    case .merge: .append
    case .mergeReplacingLists: .replace
    case .add, .remove, .insertBefore, .insertAfter, .insertFirst, .replace: nil
    }
  }
}

extension EnvoyFilter.Patch {
  /// `base` with the value merged into it, where the patch is a merge. A value that cannot be merged,
  /// because together they would be nested too deep, changes nothing.
  func merged(into base: [UInt8], as type: MessageType) -> [UInt8] {
    guard let lists = operation.listMerge else { return base }
    switch type.merged(base, with: value, lists: lists) {
    case .success(let merged): return merged
    case .failure: return base
    }
  }
}

extension [MessageParts] {
  /// Adds, inserts, replaces or removes as the patch says; merges are left to others. `matches` tells
  /// the elements that the patch is about, and is nil where it names none.
  ///
  /// Only the first that matches is a position or is replaced; all that match are removed.
  mutating func apply(_ patch: EnvoyFilter.Patch, at matches: ((MessageParts) -> Bool)?) {
    let position = matches.map { firstIndex(where: $0) }
    switch patch.operation {
    case .add: append(MessageParts(patch.value))
    case .insertFirst: insert(MessageParts(patch.value), at: 0)
    case .insertBefore:
      if let position = position ?? 0 { insert(MessageParts(patch.value), at: position) }
    case .insertAfter:
      if let position = position ?? count - 1 {
        insert(MessageParts(patch.value), at: position + 1)
      }
    case .replace:
      if let position, let position { self[position] = MessageParts(patch.value) }
    case .remove:
      if let matches { removeAll(where: matches) }
    case .merge, .mergeReplacingLists: break
    }
  }
}
