internal import Diagnostics
internal import Documents
package import HTTPClient
package import Linux

/// Configuration from a Kubernetes API server, followed with lists and watches.
///
/// One thread calls ``changes(now:)`` whenever ``descriptor`` is readable, as with a
/// ``DirectorySource``. Each object is a file of its own, named as kubectl would: what was told of it
/// stays in force until the server says otherwise, whatever happens to the connection.
///
/// Until every kind was listed, or is known not to be had, what is told is not all there is, and says
/// so: a mesh of which half is missing would be another mesh.
package final class KubernetesSource {
  package struct Options: Sendable {
    package var kinds: [APIResource]
    /// Objects that name another control plane's revision are not ours.
    package var revision: String
    /// Where the mesh's own settings stand: a ConfigMap, and the origins its two texts are told as.
    package var settings: MeshSettings?
    /// The cluster's name where it is not the mesh's own: what it tells is named after it, too.
    package var cluster: String?
    /// Where other clusters of the mesh are named; nil where nobody wants to know.
    package var remoteSecrets: RemoteSecrets?
    package var limits: FollowerLimits

    package init(
      kinds: [APIResource], revision: String = "default", settings: MeshSettings? = nil,
      cluster: String? = nil, remoteSecrets: RemoteSecrets? = nil,
      limits: FollowerLimits = FollowerLimits()
    ) {
      self.kinds = kinds
      self.revision = revision
      self.settings = settings
      self.cluster = cluster
      self.remoteSecrets = remoteSecrets
      self.limits = limits
    }
  }

  /// Readable when ``changes(now:)`` may have something to say.
  package var descriptor: FileDescriptor { client.descriptor }

  let options: Options
  private var remoteSecrets: RemoteSecrets?
  let client: APIServerClient
  /// Those of the kinds, and last that of the kinds' definitions, where kinds have some.
  var followers: [KindFollower]
  private var definitions = Definitions()
  private var asked: [HTTPClient.RequestID: Int] = [:]
  /// What the server is, which is asked first; nil once it was told, or could not be.
  private var versionAnswer: AnswerCollector? = AnswerCollector()
  private var versionRequest: HTTPClient.RequestID?
  var random = SystemRandomNumberGenerator()
  /// What is read whole of kinds that are listed by metadata.
  var desk: ContentDesk
  var reading: [HTTPClient.RequestID: (object: ContentName, answer: AnswerCollector)] = [:]
  /// Whether what is to be read was said, since there is something to say it by.
  var knowsWhatToRead: Bool
  /// The last word on each origin that has not been told; nil is that it is gone.
  var pending: [String: Node?] = [:]
  private(set) var progress = Batch.Progress.begun
  private var toldProblems: [Diagnostic] = []
  /// When there is something to do besides taking what open watches tell; nil for never.
  private var due: ContinuousClock.Instant?
  /// There is at once.
  private var isDue = true

  package enum Failure: Error, CustomStringConvertible {
    case http(HTTPError)
    case system(LinuxError)

    package var description: String {
      switch self {
      case .http(let error): "\(error)"
      case .system(let error): "\(error)"
      }
    }
  }

  package init(
    _ access: ClusterAccess, _ options: Options, now: ContinuousClock.Instant
  ) throws(Failure) {
    self.options = options
    remoteSecrets = options.remoteSecrets
    desk = ContentDesk(limits: options.limits, atOnce: KubernetesSource.readingsAtOnce)
    knowsWhatToRead = !options.kinds.contains(where: \.contents.isOnDemand)
    var limits = DocumentLimits()
    limits.fileBytes = options.limits.listBytes
    client = try APIServerClient(access, limits: limits)
    // Kubernetes' own kinds need none.
    let definitions = options.kinds.contains(where: \.isRevisioned) ? [Definitions.resource] : []
    followers = (options.kinds + definitions).map {
      KindFollower($0, revision: options.revision, limits: options.limits, now: now)
    }
  }

  /// The server that is asked.
  package var server: String { client.access.server }

  /// How each kind is followed, in the order they were given.
  package func states(now: ContinuousClock.Instant) -> [KindState] {
    followers.map { follower in
      var state = follower.state(now: now)
      if follower.resource.contents.isOnDemand {
        state.contents = desk.count(of: follower.resource.plural)
      }
      return state
    }
  }

  /// Does what there is to do, and tells what has changed, or nil. Does not wait, but for a credential
  /// plugin.
  package func changes(now: ContinuousClock.Instant) throws(LinuxError) -> Batch? {
    var isOnlyNews = true
    for event in try client.advance(now: now) { isOnlyNews = take(event, now: now) && isOnlyNews }
    var isOther = false
    if !isOnlyNews || isDue || due.map({ $0 <= now }) ?? false {
      isDue = false
      ask(now: now)
      due = deadline
      try client.wake(after: due.map { $0 - now })
      isOther = judge()
    }
    return isOther || !pending.isEmpty ? batch() : nil
  }

  /// Has everything listed and told again: someone did not keep what it was told.
  package func tellAgain(now: ContinuousClock.Instant) throws(LinuxError) {
    for id in asked.keys { client.cancel(id) }
    asked = [:]
    for id in reading.keys { client.cancel(id) }
    reading = [:]
    desk.tellAgain(now: now)
    for index in followers.indices { followers[index].tellAgain(now: now) }
    try wake()
  }

  /// There is something to do at once.
  func wake() throws(LinuxError) {
    isDue = true
    try client.wake(after: .zero)
  }

  /// Asks this server from now on, with these credentials. What was told stays told until this one has
  /// been heard; then all of it is told again.
  package func move(to access: ClusterAccess, now: ContinuousClock.Instant) throws(LinuxError) {
    client.move(to: access)
    if let versionRequest { client.cancel(versionRequest) }
    versionRequest = nil
    versionAnswer = AnswerCollector()
    try tellAgain(now: now)
  }

  private var deadline: ContinuousClock.Instant? {
    client.earliest(
      (mayAsk.map { followers[$0].deadline } + [desk.deadline]).compactMap { $0 }.min())
  }

  // MARK: Requests

  /// Those that lead, until they have been listed; then all.
  private var mayAsk: [Int] {
    if progress != .begun { return Array(followers.indices) }
    let leading = followers.indices.filter { followers[$0].resource.leads }
    let isLed = leading.allSatisfy { followers[$0].isSettled } && desk.isSettled
    return isLed ? Array(followers.indices) : leading
  }

  private func ask(now: ContinuousClock.Instant) {
    let due = mayAsk.filter { followers[$0].deadline.map { $0 <= now } ?? false }
    guard !due.isEmpty || desk.deadline.map({ $0 <= now }) ?? false else { return }
    guard let proof = client.proof(now: now) else { return }
    guard versionAnswer == nil else {
      if versionRequest == nil { versionRequest = askVersion(proof) }
      return
    }
    for index in due {
      guard let wanted = followers[index].request(now: now, using: &random) else { continue }
      asked[start(wanted, of: followers[index].resource, proof)] = index
    }
    for object in desk.begin(now: now) { read(object, proof) }
  }

  private func start(
    _ wanted: FollowerRequest, of resource: APIResource, _ proof: CredentialSource.Proof
  ) -> HTTPClient.RequestID {
    let query = wanted.query.map { "\($0.name)=\(PercentText.encoded($0.value))" }
    return client.start(
      .get, wanted.path + (query.isEmpty ? "" : "?" + query.joined(separator: "&")),
      accepting: resource.accepted(isStream: wanted.isStream), proof,
      HTTPLimits(
        bodyBytes: wanted.isStream ? nil : options.limits.listBytes, total: nil,
        silence: options.limits.silence))
  }

  private func askVersion(_ proof: CredentialSource.Proof) -> HTTPClient.RequestID {
    client.start(.get, "/version", proof, HTTPLimits(bodyBytes: 64 << 10, total: .seconds(10)))
  }

  /// Answers whether it was no more than an open watch's news of objects: that is nearly all that
  /// happens, nobody is to be asked for it, and nothing stands in the way that did not before.
  private func take(_ event: HTTPClient.Event, now: ContinuousClock.Instant) -> Bool {
    let id = event.request
    if id == versionRequest {
      takeVersion(event)
      return false
    }
    if reading[id] != nil {
      takeContents(event, now: now)
      return false
    }
    guard let index = asked[id] else { return false }
    let wasWatching = if case .watching = followers[index].phase { true } else { false }
    let happening: KindFollower.Happening =
      switch event {
      case .answered(_, let head): .answered(head)
      case .body(_, let bytes): .body(bytes)
      case .ended(_, let error): .ended(error)
      }
    let (changes, isOver) = followers[index].take(
      happening, now: now, reader: client.reader, using: &random)
    if isOver {
      client.cancel(id)
      asked[id] = nil
    }
    if followers[index].doubtsCredentials { client.doubtCredentials(now: now) }
    guard index < options.kinds.count else {
      define(changes, now: now)
      return false
    }
    if followers[index].resource.contents.isOnDemand {
      for change in changes { takeListed(change, of: followers[index], now: now) }
      return false
    }
    for change in changes {
      switch change {
      case .put(let origin, let root): pending[origin] = .some(root)
      case .remove(let origin): pending[origin] = .some(nil)
      }
    }
    return wasWatching && !isOver
  }

  /// Whether an object is read whole though no other refers to it.
  func isPinned(_ root: Node, origin: String) -> Bool {
    options.settings?.stands(at: origin) ?? false
      || remoteSecrets?.includes(root, origin: origin) ?? false
  }

  func doubtCredentials(now: ContinuousClock.Instant) { client.doubtCredentials(now: now) }

  /// Tells those who follow kinds of what has become of the kinds' definitions.
  private func define(_ changes: [KindFollower.Change], now: ContinuousClock.Instant) {
    let news = definitions.take(changes)
    let condition = followers[options.kinds.count].condition
    let standing = definitions.standing(of: options.kinds.map(\.name), condition)
    for (index, kind) in options.kinds.enumerated() {
      let isOver = followers[index].define(
        standing[index], isNews: news.contains(kind.name), now: now)
      guard isOver, let id = asked.first(where: { $0.value == index })?.key else { continue }
      client.cancel(id)
      asked[id] = nil
    }
  }

  /// A server that says nothing of itself is taken for an old one.
  private func takeVersion(_ event: HTTPClient.Event) {
    guard let result = versionAnswer?.take(event) else { return }
    versionAnswer = nil
    versionRequest = nil
    guard case .success(let answer) = result, answer.head.status == 200,
      let root = client.reader.tree(of: answer.body, named: "version").root
    else { return }
    let streamsLists = ServerVersion(root).streamsLists
    for index in followers.indices { followers[index].streamsLists = streamsLists }
  }

  // MARK: Telling

  private var ofKinds: ArraySlice<KindFollower> { followers.prefix(options.kinds.count) }

  /// Whether there is more to tell of, or other things stand in the way, than was told.
  private func judge() -> Bool {
    let before = (progress, toldProblems)
    if progress == .begun, ofKinds.allSatisfy(\.isSettled), desk.isSettled { progress = .listed }
    if progress == .listed, knowsWhatToRead, desk.isSettled { progress = .complete }
    toldProblems = problems
    return (progress, toldProblems) != before
  }

  private func batch() -> Batch {
    var files: [ParsedFile] = []
    var removed: [String] = []
    for (plain, root) in pending.sorted(by: { $0.key < $1.key }) {
      let origin = options.cluster.map { "\($0): \(plain)" } ?? plain
      let isRemoteSecret = root.map { remoteSecrets?.includes($0, origin: plain) ?? false } ?? false
      remoteSecrets?.take(isRemoteSecret ? root : nil, origin: plain)
      // What lets us into other clusters is nobody else's.
      guard let root, !isRemoteSecret else {
        removed.append(origin)
        continue
      }
      files.append(
        ParsedFile(
          path: origin, documents: [Document(file: origin, root: root)], extent: .whole,
          diagnostics: []))
      files += options.settings?.files(in: root, origin: origin, limits: DocumentLimits()) ?? []
    }
    pending = [:]
    return Batch(
      from: .cluster(progress), files: files, removed: removed, problems: toldProblems,
      remoteSecrets: remoteSecrets?.news())
  }

  /// What stands in the way now, a sentence a cause: a server that is down is not one for each kind.
  private var problems: [Diagnostic] {
    if let problem = client.credentialsProblem {
      return [.clusterCredentials(problem, server: server)]
    }
    return client.access.warnings
      + followers.compactMap { follower in
        guard case .forbidden(let reason) = follower.condition else { return nil }
        let cluster = options.cluster.map { "\($0): " } ?? ""
        guard follower.resource != Definitions.resource else {
          return .definitionsForbidden(cluster + follower.resource.name, reason: reason)
        }
        guard !follower.resource.isSecret || follower.currentUntil != nil else {
          return .secretsForbidden(cluster + follower.resource.name, reason: reason)
        }
        return .kindForbidden(cluster + follower.resource.name, reason: reason)
      }
      + desk.problems.filter(\.isRefused).map {
        .contentsForbidden("\($0.object)", reason: $0.reason)
      }
  }

  /// What stands in the way of the first batch; empty once it was told.
  package func waitingFor() -> [String] {
    guard progress != .complete else { return [] }
    let causes =
      client.credentialsProblem.map { [$0] }
      ?? ofKinds.filter { !$0.isSettled }.map { follower in
        guard case .behind(let reason) = follower.condition else {
          return "\(follower.resource.name): not listed yet"
        }
        return "\(follower.resource.name): \(reason)"
      } + desk.waitingFor
    return causes
  }
}

/// Percent-encoding of a query's values (RFC 3986 §2.1).
enum PercentText {
  static func encoded(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: bytes.append(byte)
      default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
