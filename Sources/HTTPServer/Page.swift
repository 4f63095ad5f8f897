/// One path of the debug server and what it answers.
///
/// `answer` is called on the server's own thread and may only read values that are safe there.
package struct Page: Sendable {
  package let path: String
  /// A few words for the index.
  package let summary: String
  package let answer: @Sendable (Request) -> Response

  package init(
    _ path: String, _ summary: String, answer: @escaping @Sendable (Request) -> Response
  ) {
    self.path = path
    self.summary = summary
    self.answer = answer
  }
}

/// What was asked for: the path and the parameters after the question mark, both unescaped.
package struct Request: Sendable {
  package let path: String
  package let parameters: [(name: String, value: String)]

  /// The first parameter of that name; empty for `?name` and `?name=` alike.
  package subscript(parameter: String) -> String? {
    parameters.first { $0.name == parameter }?.value
  }
}

package struct Response: Sendable {
  package let status: Int
  package let contentType: String
  package let body: [UInt8]

  package init(status: Int = 200, contentType: String, body: [UInt8]) {
    self.status = status
    self.contentType = contentType
    self.body = body
  }

  package static func text(_ text: String, status: Int = 200) -> Response {
    Response(status: status, contentType: "text/plain; charset=utf-8", body: Array(text.utf8))
  }

  package static func json(_ body: [UInt8], status: Int = 200) -> Response {
    Response(status: status, contentType: "application/json", body: body)
  }

  package static func html(_ text: String) -> Response {
    Response(contentType: "text/html; charset=utf-8", body: Array(text.utf8))
  }
}
