internal import HTTP2

/// How a call ended, as its client is told.
package struct Status: Error, Hashable, Sendable, CustomStringConvertible {
  /// The codes of gRPC, with its numbers.
  package enum Code: Int, Sendable {
    case ok, cancelled, unknown, invalidArgument, deadlineExceeded, notFound, alreadyExists
    case permissionDenied, resourceExhausted, failedPrecondition, aborted, outOfRange
    case unimplemented, `internal`, unavailable, dataLoss, unauthenticated
  }

  package let code: Code
  package let message: String

  package init(_ code: Code, _ message: String = "") {
    self.code = code
    self.message = message
  }

  package static let ok = Status(.ok)

  package var description: String { message.isEmpty ? "\(code)" : "\(code): \(message)" }

  /// The fields that end a response, in one frame with those that open it if there was nothing between.
  func fields(opening: Bool, httpStatus: Int) -> [HeaderField] {
    var fields = opening ? Status.openingFields(httpStatus: httpStatus) : []
    fields.append(HeaderField("grpc-status", String(code.rawValue)))
    if !message.isEmpty { fields.append(HeaderField("grpc-message", encodedMessage)) }
    return fields
  }

  static func openingFields(httpStatus: Int) -> [HeaderField] {
    [
      HeaderField(":status", String(httpStatus)),
      HeaderField("content-type", "application/grpc"),
      HeaderField("grpc-accept-encoding", "identity,gzip"),
    ]
  }

  /// The message as a header value may carry it: printable ASCII but for the percent sign stands for
  /// itself, everything else is percent-encoded (gRPC over HTTP/2, "Percent-Byte-Unencoded").
  var encodedMessage: String {
    var text: [UInt8] = []
    for byte in message.utf8 {
      if (0x20...0x7e).contains(byte), byte != UInt8(ascii: "%") {
        text.append(byte)
      } else {
        let digits = Array("0123456789ABCDEF".utf8)
        text += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
