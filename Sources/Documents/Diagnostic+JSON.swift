package import Diagnostics

extension Diagnostic {
  /// The message as `check -o json` and /debug/analysis list it, in istioctl's fields.
  package var json: Node {
    let reference = place.line == 0 ? place.file : "\(place.file):\(place.line)"
    return [
      "code": Node(.string(code?.description ?? "")),
      "level": Node(.string(severity.rawValue)),
      "origin": Node(.string(object?.description ?? "")),
      "message": Node(.string(message)),
      "reference": Node(.string(reference)),
    ]
  }
}

extension Sequence<Diagnostic> {
  /// The list that `check -o json` prints.
  package var json: Node { Node(.sequence(map(\.json))) }
}
