/// Whether providers can be asked for authorization: istiod takes them as they are written, and denies
/// what policies would ask of one that is wrong (`pilot/pkg/security/authz/builder/extauthz.go`).
extension ExtensionProvider {
  /// `[a-z0-9]([-a-z0-9]*[a-z0-9])?`, at most 63 bytes: the name becomes a part of others.
  package static func isAuthorizerName(_ name: String) -> Bool {
    HostRule.isLabel(name) && name.utf8.allSatisfy { !(65...90).contains($0) }
  }
}

extension ExtensionProvider.ExternalAuthorizationHTTP {
  /// The service must be there too.
  package var isUsable: Bool {
    let lists = [
      includeRequestHeadersInCheck, headersToUpstreamOnAllow, headersToDownstreamOnDeny,
      headersToDownstreamOnAllow,
    ]
    return backend.isUsable && isStatus(statusOnError) && (timeout ?? .zero) >= .zero
      && includeRequestBodyInCheck?.isEmpty != true && isPath(pathPrefix ?? "/")
      && lists.allSatisfy { !$0.contains("*") }
      && includeAdditionalHeadersInCheck.allSatisfy {
        !$0.name.isEmpty && !HeaderRule.isInternal($0.name) && isOneLine($0.name)
          && isOneLine($0.value)
      }
  }
}

extension ExtensionProvider.ExternalAuthorizationGRPC {
  /// The service must be there too.
  package var isUsable: Bool {
    backend.isUsable && isStatus(statusOnError) && (timeout ?? .zero) >= .zero
      && includeRequestBodyInCheck?.isEmpty != true
  }
}

extension ExtensionProvider.Backend {
  fileprivate var isUsable: Bool {
    TextRule.port(port) == nil && !host.contains("*")
  }
}

extension ExtensionProvider.RequestBody {
  /// Envoy must be told of how much of a body there is to send.
  fileprivate var isEmpty: Bool { maxRequestBytes == 0 }
}

/// A status that Envoy knows (`envoy.type.v3.StatusCode`).
private func isStatus(_ code: Int?) -> Bool {
  guard let code else { return true }
  return switch code {
  case 100, 200...208, 226, 300...305, 307, 308, 400...417, 421...424, 426, 428, 429, 431,
    500...508, 510, 511:
    true
  default: false
  }
}

/// A path that Go's `url.Parse` takes.
private func isPath(_ text: String) -> Bool {
  let bytes = Array(text.utf8)
  let isHexadecimal = { (byte: UInt8) in
    (48...57).contains(byte) || (65...70).contains(byte) || (97...102).contains(byte)
  }
  return bytes.first == UInt8(ascii: "/") && bytes.allSatisfy { $0 >= 32 && $0 != 127 }
    && bytes.indices.allSatisfy { index in
      bytes[index] != UInt8(ascii: "%")
        || (index + 2 < bytes.count && isHexadecimal(bytes[index + 1])
          && isHexadecimal(bytes[index + 2]))
    }
}

private func isOneLine(_ text: String) -> Bool {
  !text.utf8.contains { $0 == 0 || $0 == 10 || $0 == 13 }
}
