internal import Documents
internal import HTTPClient

/// What following a kind may cost, and how long things are waited for.
package struct FollowerLimits: Sendable {
  /// Objects of one page.
  package var pageSize = 500
  /// Objects of one kind; a list of more is refused.
  package var objects = 500_000
  /// Bytes of one event: an API server stores objects of up to 1.5 MiB.
  package var lineBytes = 8 << 20
  /// Bytes of a page, or of a list in one piece.
  package var listBytes = 512 << 20
  /// How long a watch is asked for: not all end at once.
  package var watchSeconds = 300...600
  /// A watch that ends sooner than this, having told nothing, has failed.
  package var shortWatch = Duration.seconds(1)
  /// Without a byte for so long, a connection is taken for dead: servers send a bookmark a minute.
  package var silence = Duration.seconds(90)
  /// What may not be read is asked for again after waits that grow to this.
  package var forbiddenWait = Duration.seconds(60)
  /// Refusals in a row of which the last is believed: an API server that has just started has read no
  /// roles yet, and for that moment lets nobody read anything.
  package var refusalsBelieved = 3
  package var absentWait = Duration.seconds(30)
  /// The same where the server would tell of its definition, and has none.
  package var undefinedWait = Duration.seconds(600)
  /// Answers in a row that a kind is not there until its objects are dropped.
  package var absencesBelieved = 3
  /// After so many failures in a row, what there is is listed anew.
  package var failuresBeforeList = 4
  package var longestRetryAfterSeconds = 120

  package init() {}

  /// Bytes kept of an answer that refuses.
  static let statusBytes = 64 << 10

  /// What an answer that refuses says.
  static func status(_ head: HTTPHead, _ body: [UInt8], reader: JSONReader) -> ServerStatus {
    let said = reader.tree(of: body, named: "status").root.map(ServerStatus.init)
    let retryAfter = head["retry-after"].flatMap { Int($0) }
    return ServerStatus(
      code: head.status, message: said?.message ?? "HTTP status \(head.status)",
      retryAfterSeconds: retryAfter ?? said?.retryAfterSeconds)
  }
}
