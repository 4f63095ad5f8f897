internal import Documents
internal import Resources

/// EndpointSlices as a watch last told of them, by the origins they are told as: what they were read as,
/// and the hashes of their parts. For one thread.
///
/// Not here, on purpose: whether what is remembered still counts. It is taken again where the text says
/// the same, and what is forgotten is read anew.
final class RecentSlices {
  struct Slice {
    let known: KnownSlice
    let hashes: ObjectRoots.PartHashes
  }

  private var slices: [String: Slice] = [:]

  func slice(_ path: String) -> Slice? { slices[path] }

  func remember(_ slice: Slice, at path: String) {
    if slices.count >= Limits.rememberedSlices { slices.removeAll(keepingCapacity: true) }
    slices[path] = slice
  }

  func forget(_ path: String) { if !slices.isEmpty { slices[path] = nil } }

  /// Of nothing else is there anything to remember.
  static func isSlice(_ root: Node) -> Bool {
    root["kind"]?.text(sharing: nil) == Kind.endpointSlice.rawValue
  }
}
