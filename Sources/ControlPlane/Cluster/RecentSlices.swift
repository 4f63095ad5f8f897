internal import Documents
internal import Resources

/// EndpointSlices as a watch last told of them, by the origins they are told as: what they were read as,
/// and the hashes of their parts. For one thread.
///
/// Not here, on purpose: whether what is remembered still counts. It is taken again where the text says
/// the same, and what is forgotten is read anew.
final class RecentSlices {
  final class Slice {
    let known: KnownSlice
    let hashes: ObjectRoots.PartHashes
    let served: ServedKind?

    init(known: KnownSlice, hashes: ObjectRoots.PartHashes, served: ServedKind?) {
      self.known = known
      self.hashes = hashes
      self.served = served
    }
  }

  private var slices: [String: Slice] = [:]
  /// Where the last stands that was asked for: it is mostly remembered next.
  private var last: Dictionary<String, Slice>.Index?

  func slice(_ path: String) -> Slice? {
    last = slices.index(forKey: path)
    return last.map { slices[$0].value }
  }

  func remember(_ slice: Slice, at path: String) {
    if let last, slices[last].key == path {
      slices.values[last] = slice
      return
    }
    last = nil
    if slices.count >= Limits.rememberedSlices { slices.removeAll(keepingCapacity: true) }
    slices[path] = slice
  }

  func forget(_ path: String) {
    guard !slices.isEmpty else { return }
    last = nil
    slices[path] = nil
  }

  /// Of nothing else is there anything to remember.
  static func isSlice(_ root: Node) -> Bool {
    root["kind"]?.isText(Kind.endpointSlice.rawValue) == true
  }
}
