internal import Diagnostics

/// URLs that WebAssembly modules come from, taken apart as Go's `net/url` does it for istiod.
enum ModuleURL {
  enum Mistake: Error {
    case missing
    case malformed
    case scheme(String)

    var finding: Finding {
      switch self {
      case .missing: .missing("url")
      case .malformed: .badModuleURL()
      case .scheme(let scheme): .badModuleScheme(scheme)
      }
    }
  }

  static func source(_ text: String) -> Result<WasmModule.Source, Mistake> {
    guard !text.isEmpty else { return .failure(.missing) }
    guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }), hasWholeEscapes(text) else {
      return .failure(.malformed)
    }
    let (scheme, rest) = split(text)
    // Without a scheme it is the name of an image: a registry's, or a path.
    let behind = scheme == nil && !text.hasPrefix("/") ? "//" + text : String(rest)
    let isRooted = behind.hasPrefix("//") && !behind.hasPrefix("///")
    let authority = isRooted ? authority(of: behind) : nil
    guard !isRooted || authority != nil else { return .failure(.malformed) }
    switch scheme {
    case nil: return .success(.image(url: "oci://" + escaped(text)))
    case "oci": return .success(.image(url: "oci:" + escaped(rest)))
    case "file":
      let prefix = "file://"
      return .success(
        .file(path: text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text))
    case "http"?, "https"?:
      let usesTLS = scheme == "https"
      let url = "\(usesTLS ? "https" : "http"):\(escaped(rest))"
      guard let authority else { return .success(.image(url: url)) }
      return .success(
        .http(
          WebAddress(
            url: url, usesTLS: usesTLS, host: authority.host,
            port: authority.port ?? (usesTLS ? 443 : 80))))
    case let other?: return .failure(.scheme(other))
    }
  }

  /// Whether each percent sign of the path has two digits behind it.
  private static func hasWholeEscapes(_ text: String) -> Bool {
    let isHex = { (byte: UInt8) in
      (48...57).contains(byte) || (65...70).contains(byte) || (97...102).contains(byte)
    }
    let path = Array(text.utf8.prefix { $0 != UInt8(ascii: "?") })
    return path.indices.allSatisfy { index in
      path[index] != UInt8(ascii: "%")
        || (index + 2 < path.count && isHex(path[index + 1]) && isHex(path[index + 2]))
    }
  }

  /// The scheme in small letters, nil without one, and what is behind its colon.
  private static func split(_ text: String) -> (scheme: String?, rest: Substring) {
    guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")), colon != text.startIndex else {
      return (nil, text[...])
    }
    let scheme = text[..<colon]
    let isLetter = { (byte: UInt8) in (65...90).contains(byte) || (97...122).contains(byte) }
    guard scheme.utf8.first.map(isLetter) == true,
      scheme.utf8.allSatisfy({ isAlphanumeric($0) || "+-.".utf8.contains($0) })
    else { return (nil, text[...]) }
    return (scheme.lowercased(), text[text.index(after: colon)...])
  }

  /// Host and port of what starts with `//`; nil where that is not well-formed.
  private static func authority(
    of rest: some StringProtocol
  ) -> (host: String, port: Int?)? {
    guard rest.hasPrefix("//") else { return nil }
    let authority = rest.dropFirst(2).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    let hostAndPort = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
    guard !hostAndPort.isEmpty,
      hostAndPort.utf8.allSatisfy({ isAlphanumeric($0) || "-._~:[]%!$&'()*+,;=".utf8.contains($0) })
    else { return nil }
    if hostAndPort.hasPrefix("[") {
      guard let end = hostAndPort.lastIndex(of: "]") else { return nil }
      let host = hostAndPort[hostAndPort.index(after: hostAndPort.startIndex)..<end]
      let behind = hostAndPort[hostAndPort.index(after: end)...]
      guard behind.isEmpty || behind.hasPrefix(":") else { return nil }
      return port(behind.dropFirst()).map { (String(host), $0) }
    }
    let parts = hostAndPort.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    return port(parts.count > 1 ? parts[1] : "").map { (String(parts[0]), $0) }
  }

  /// `.some(nil)` for none.
  private static func port(_ text: some StringProtocol) -> Int?? {
    if text.isEmpty { return .some(nil) }
    guard text.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(text),
      (1...65535).contains(number)
    else { return nil }
    return .some(number)
  }

  /// With what a URL cannot have in percent signs.
  private static func escaped(_ text: some StringProtocol) -> String {
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      if byte > 0x7F || " \"<>`{}|\\^".utf8.contains(byte) {
        bytes += Array("%\(byte < 16 ? "0" : "")\(String(byte, radix: 16, uppercase: true))".utf8)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
