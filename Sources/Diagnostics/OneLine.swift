extension String {
  /// Words of another's making for a line of a log or a page: at most `limit` characters of Unicode,
  /// those that would break the line or colour it left out.
  package func onOneLine(atMost limit: Int) -> String {
    String(
      UnicodeScalarView(
        unicodeScalars.prefix(limit).map {
          $0.properties.generalCategory == .control ? " " : $0
        }))
  }
}
