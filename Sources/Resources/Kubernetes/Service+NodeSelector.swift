extension Object where Spec == Service {
  /// Nodes at which a service of type NodePort is entered: those with all labels of its annotation
  /// `traffic.istio.io/nodeSelector`, a JSON object of strings. One that cannot be read selects none.
  package func selectsNode(labels: [String: String]) -> Bool {
    guard let text = metadata.annotations["traffic.istio.io/nodeSelector"],
      let wanted = SmallObject(text)
    else { return false }
    return wanted.entries.allSatisfy { labels[$0.name] == $0.value }
  }
}

/// A JSON object whose values are strings without escapes, as labels are.
private struct SmallObject {
  private(set) var entries: [Named<String>] = []

  init?(_ text: String) {
    var rest = text.utf8.filter { !" \t\r\n".utf8.contains($0) }[...]
    guard rest.popFirst() == UInt8(ascii: "{"), rest.popLast() == UInt8(ascii: "}") else {
      return nil
    }
    while !rest.isEmpty {
      guard let name = Self.string(&rest), rest.popFirst() == UInt8(ascii: ":"),
        let value = Self.string(&rest)
      else { return nil }
      entries.append(Named(name: name, value: value))
      guard rest.isEmpty || rest.popFirst() == UInt8(ascii: ",") else { return nil }
    }
  }

  private static func string(_ text: inout ArraySlice<UInt8>) -> String? {
    guard text.popFirst() == UInt8(ascii: "\"") else { return nil }
    let contents = text.prefix { $0 != UInt8(ascii: "\"") }
    guard contents.endIndex < text.endIndex, !contents.contains(UInt8(ascii: "\\")) else {
      return nil
    }
    text = text[(contents.endIndex + 1)...]
    return String(decoding: contents, as: UTF8.self)
  }
}
