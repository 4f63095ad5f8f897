extension ContentHash {
  /// The hash of a list of hashes, order included: that of the same ``init(combining:)``, made for lists.
  package init(combining hashes: [ContentHash]) {
    self = unsafe withUnsafeTemporaryAllocation(of: UInt64.self, capacity: hashes.count * 2) {
      words in
      for place in hashes.indices {
        unsafe words.initializeElement(at: place * 2, to: hashes[place].high)
        unsafe words.initializeElement(at: place * 2 + 1, to: hashes[place].low)
      }
      return unsafe ContentHash(of: UnsafeRawBufferPointer(words))
    }
  }
}
