private import COpenSSL

/// The curves of NIST's that tokens are signed on.
package enum Curve: Sendable {
  case p256
  case p384
  case p521

  /// Whether the coordinates, big-endian, are those of a point of the curve.
  package func hasPoint(x: [UInt8], y: [UInt8]) -> Bool {
    ERR_clear_error()
    defer { ERR_clear_error() }
    guard let group = unsafe EC_GROUP_new_by_curve_name(number) else { return false }
    defer { unsafe EC_GROUP_free(group) }
    guard let point = unsafe EC_POINT_new(group) else { return false }
    defer { unsafe EC_POINT_free(point) }
    let (a, b) = unsafe (BN_bin2bn(x, CInt(x.count), nil), BN_bin2bn(y, CInt(y.count), nil))
    defer {
      unsafe BN_free(a)
      unsafe BN_free(b)
    }
    return unsafe EC_POINT_set_affine_coordinates(group, point, a, b, nil) == 1
  }

  private var number: CInt {
    switch self {
    case .p256: NID_X9_62_prime256v1
    case .p384: NID_secp384r1
    case .p521: NID_secp521r1
    }
  }
}
