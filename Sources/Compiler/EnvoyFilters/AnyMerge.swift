internal import EnvoyAPI

/// What comes of merging a patch's extension into one that is there, both an encoded
/// google.protobuf.Any (istiod's `MergeAnyWithAny`).
enum AnyMerge {
  case merged([UInt8])
  /// One of them is of no published type: it stays as it is.
  case unreadable
  /// They are messages of different types, on which istiod gives up: this patch and all that would
  /// come after it in the same object are not applied.
  case otherType

  init(_ base: [UInt8], with patch: [UInt8]) {
    guard let (type, contents) = MessageType.opened(any: base),
      let (patchType, change) = MessageType.opened(any: patch)
    else {
      self = .unreadable
      return
    }
    guard type == patchType else {
      self = .otherType
      return
    }
    switch type.merged(contents, with: change) {
    case .success(let merged): self = .merged(type.any(of: merged))
    case .failure: self = .unreadable
    }
  }
}
