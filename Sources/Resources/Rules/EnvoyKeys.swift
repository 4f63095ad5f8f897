internal import Documents
internal import TLS

/// What Envoy can verify tokens with (its `source/common/jwt/jwks.cc`). It refuses a listener that
/// names a set without one key that it can use, and that would be everyone's listener.
enum EnvoyKeys {
  static func canUse(_ text: [UInt8]) -> Bool {
    JSONReader()?.tree(of: text, named: "jwks").root.map(canUse) ?? false
  }

  static func canUse(_ root: Node) -> Bool {
    guard case .sequence(let keys)? = root["keys"]?.content else { return false }
    return keys.contains { key in
      let algorithm = key["alg"]?.text ?? ""
      return switch key["kty"]?.text {
      case "RSA": isRSA(key, algorithm)
      case "EC": isEC(key, algorithm)
      case "OKP":
        ["", "EdDSA"].contains(algorithm) && key["crv"]?.text == "Ed25519"
          && bytes("x", of: key)?.count == 32
      case "oct":
        ["", "HS256", "HS384", "HS512"].contains(algorithm)
          && bytes("k", of: key)?.isEmpty == false
      case _: false
      }
    }
  }

  /// As BoringSSL checks a public key: an odd modulus of 512 to 16384 bits, and one of two exponents.
  private static func isRSA(_ key: Node, _ algorithm: String) -> Bool {
    guard algorithm.isEmpty || algorithm.hasPrefix("RS") || algorithm.hasPrefix("PS"),
      let modulus = bytes("n", of: key)?.drop(while: { $0 == 0 }),
      let exponent = bytes("e", of: key)?.drop(while: { $0 == 0 }),
      exponent.elementsEqual([3]) || exponent.elementsEqual([1, 0, 1]),
      let first = modulus.first, let last = modulus.last
    else { return false }
    let bits = modulus.count * 8 - first.leadingZeroBitCount
    return last & 1 == 1 && (512...16384).contains(bits)
  }

  private static func isEC(_ key: Node, _ algorithm: String) -> Bool {
    let curves: [(algorithm: String, name: String, curve: Curve)] = [
      ("ES256", "P-256", .p256), ("ES384", "P-384", .p384), ("ES512", "P-521", .p521),
    ]
    let name = key["crv"]?.text ?? ""
    // Either of the two says which; without both it is the first.
    let meant = curves.first {
      (algorithm.isEmpty || algorithm == $0.algorithm) && (name.isEmpty || name == $0.name)
    }
    guard let meant, let x = bytes("x", of: key), let y = bytes("y", of: key) else { return false }
    return meant.curve.hasPoint(x: x, y: y)
  }

  /// Base64 in the alphabet for URLs, padded or not.
  private static func bytes(_ name: String, of key: Node) -> [UInt8]? {
    guard let text = key[name]?.text, !text.utf8.contains(where: { "+/".utf8.contains($0) }) else {
      return nil
    }
    return KeySetRule.bytes(text)
  }
}
