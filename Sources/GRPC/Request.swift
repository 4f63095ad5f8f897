internal import HTTP2

/// A call's header fields, checked as gRPC over HTTP/2 asks.
struct Request {
  let path: String
  let metadata: [HeaderField]
  let encoding: MessageReader.Encoding
  let timeout: Duration?

  /// Why no call comes of it: what HTTP is told, and what gRPC is told.
  struct Refusal: Error {
    let httpStatus: Int
    let status: Status

    init(_ code: Status.Code, _ message: String, httpStatus: Int = 200) {
      self.httpStatus = httpStatus
      status = Status(code, message)
    }

    init(_ status: Status) {
      httpStatus = 200
      self.status = status
    }
  }

  init(_ fields: [HeaderField]) throws(Refusal) {
    var values: [String: String] = [:]
    for field in fields { values[field.name] = field.value }
    guard Request.isGRPC(values["content-type"] ?? "") else {
      // Not 200: a client that speaks only HTTP must not take it for success.
      throw Refusal(.internal, "the content type is not application/grpc", httpStatus: 415)
    }
    guard values[":method"] == "POST" else {
      throw Refusal(.internal, "calls are made with POST", httpStatus: 405)
    }
    let encodingName = values["grpc-encoding"] ?? MessageReader.Encoding.identity.rawValue
    guard let encoding = MessageReader.Encoding(rawValue: encodingName) else {
      throw Refusal(.unimplemented, "messages encoded as \(encodingName) are not understood")
    }
    if let text = values["grpc-timeout"] {
      guard let timeout = Request.timeout(text) else {
        throw Refusal(.internal, "\(text) is no grpc-timeout")
      }
      self.timeout = timeout
    } else {
      timeout = nil
    }
    path = values[":path"] ?? ""
    metadata = fields.filter { !$0.name.utf8.starts(with: [UInt8(ascii: ":")]) }
    self.encoding = encoding
  }

  private static func isGRPC(_ contentType: String) -> Bool {
    ["application/grpc", "application/grpc+proto"].contains {
      contentType == $0 || contentType.utf8.starts(with: ($0 + ";").utf8)
    }
  }

  /// One to eight digits and a unit.
  static func timeout(_ text: String) -> Duration? {
    let digits = text.utf8.dropLast()
    guard (1...8).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }),
      let count = Int64(text.dropLast())
    else { return nil }
    switch text.last {
    case "H": return .seconds(count * 3600)
    case "M": return .seconds(count * 60)
    case "S": return .seconds(count)
    case "m": return .milliseconds(count)
    case "u": return .microseconds(count)
    case "n": return .nanoseconds(count)
    default: return nil
    }
  }
}
