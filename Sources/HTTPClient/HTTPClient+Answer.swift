extension HTTPClient {
  /// Asks and waits for the whole answer, on the caller's thread. What it may cost and how long it may
  /// take stands in the request's limits, `total` and `bodyBytes` among them.
  package static func answer(to request: HTTPRequest) throws(HTTPError) -> HTTPAnswer {
    precondition(
      request.limits.total != nil && request.limits.bodyBytes != nil,
      "who waits for an answer says for how long, and how much of it")
    let client = try HTTPClient()
    let asked = client.start(request)
    var answer = AnswerCollector()
    while true {
      for event in client.advance(waitingUpTo: nil) where event.request == asked {
        if let result = answer.take(event) { return try result.get() }
      }
    }
  }
}

/// Puts an answer together from what happens to its request.
package struct AnswerCollector: Sendable {
  private var head: HTTPHead?
  private var body: [UInt8] = []

  package init() {}

  /// The result, once it is there.
  package mutating func take(_ event: HTTPClient.Event) -> Result<HTTPAnswer, HTTPError>? {
    switch event {
    case .answered(_, let head):
      self.head = head
      body = []
    case .body(_, let bytes): body += bytes
    case .ended(_, let error?): return .failure(error)
    case .ended(let id, nil):
      guard let head else {
        return .failure(HTTPError(.cutOff, server: id.server, detail: "no answer came"))
      }
      return .success(HTTPAnswer(head: head, body: body))
    }
    return nil
  }
}
