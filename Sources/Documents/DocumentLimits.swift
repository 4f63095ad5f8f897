/// What one file may cost: each is an error with a place when reached, never a crash or a stall.
package struct DocumentLimits: Sendable {
  package var fileBytes: Int
  /// Mappings and sequences inside one another; a deeper tree would be walked by deeper recursion.
  package var nesting: Int
  /// Objects of one file, the items of lists included.
  package var documents: Int
  /// Values that the aliases of one document stand for, counted as often as they are repeated.
  package var aliasedValues: Int
  /// Bytes of one key or value.
  package var scalarBytes: Int
  /// Documents of one file that cannot be read; behind the last, the file is not read on.
  package var brokenDocuments: Int
  /// Messages about one file; one more says how many were left out.
  package var diagnostics: Int

  package init(
    fileBytes: Int = 64 << 20, nesting: Int = 100, documents: Int = 200_000,
    aliasedValues: Int = 100_000, scalarBytes: Int = 4 << 20,
    brokenDocuments: Int = 1000, diagnostics: Int = 100
  ) {
    self.fileBytes = fileBytes
    self.nesting = nesting
    self.documents = documents
    self.aliasedValues = aliasedValues
    self.scalarBytes = scalarBytes
    self.brokenDocuments = brokenDocuments
    self.diagnostics = diagnostics
  }
}
