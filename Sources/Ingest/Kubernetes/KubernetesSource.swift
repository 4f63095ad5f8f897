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
  package var descriptor: FileDescriptor { epoll.descriptor }

  private var access: ClusterAccess
  private let options: Options
  private var credentials: CredentialSource
  private var remoteSecrets: RemoteSecrets?
  private let client: HTTPClient
  private let reader: JSONReader
  private let epoll: Epoll
  private let timer: TimerFD
  private var followers: [KindFollower]
  private var asked: [HTTPClient.RequestID: Int] = [:]
  /// What the server is, which is asked first; nil once it was told, or could not be.
  private var versionAnswer: AnswerCollector? = AnswerCollector()
  private var versionRequest: HTTPClient.RequestID?
  private var random = SystemRandomNumberGenerator()
  private var credentialsProblem: String?
  private var credentialsRetry: ContinuousClock.Instant?
  /// The last word on each origin that has not been told; nil is that it is gone.
  private var pending: [String: Node?] = [:]
  private var hasTold = false
  private var toldProblems: [Diagnostic] = []

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
    self.access = access
    self.options = options
    credentials = CredentialSource(access.credentials)
    remoteSecrets = options.remoteSecrets
    var limits = DocumentLimits()
    limits.fileBytes = options.limits.listBytes
    guard let reader = JSONReader(limits: limits) else {
      throw .system(LinuxError("read JSON", reason: "out of memory"))
    }
    self.reader = reader
    do throws(HTTPError) { client = try HTTPClient() } catch { throw .http(error) }
    do throws(LinuxError) {
      epoll = try Epoll()
      timer = try TimerFD()
      try epoll.add(client.descriptor, .readable, token: 0)
      try epoll.add(timer.descriptor, .readable, token: 1)
      // There is something to do at once.
      try timer.set(.zero)
    } catch {
      throw .system(error)
    }
    followers = options.kinds.map {
      KindFollower($0, revision: options.revision, limits: options.limits, now: now)
    }
  }

  /// The server that is asked.
  package var server: String { access.server }

  /// How each kind is followed, in the order they were given.
  package func states(now: ContinuousClock.Instant) -> [KindState] {
    followers.map { $0.state(now: now) }
  }

  /// Does what there is to do, and tells what has changed, or nil. Does not wait, but for a credential
  /// plugin.
  package func changes(now: ContinuousClock.Instant) throws(LinuxError) -> Batch? {
    try timer.clear()
    for event in client.advance() { take(event, now: now) }
    ask(now: now)
    try timer.set(deadline.map { $0 - now })
    return batch()
  }

  /// Has everything listed and told again: someone did not keep what it was told.
  package func tellAgain(now: ContinuousClock.Instant) throws(LinuxError) {
    for id in asked.keys { client.cancel(id) }
    asked = [:]
    for index in followers.indices { followers[index].tellAgain(now: now) }
    try timer.set(.zero)
  }

  /// Asks this server from now on, with these credentials. What was told stays told until this one has
  /// been heard; then all of it is told again.
  package func move(to access: ClusterAccess, now: ContinuousClock.Instant) throws(LinuxError) {
    self.access = access
    credentials = CredentialSource(access.credentials)
    credentialsRetry = nil
    if let versionRequest { client.cancel(versionRequest) }
    versionRequest = nil
    versionAnswer = AnswerCollector()
    try tellAgain(now: now)
  }

  private var deadline: ContinuousClock.Instant? {
    let soonest = mayAsk.compactMap { followers[$0].deadline }.min()
    guard let soonest, let credentialsRetry else { return soonest }
    return max(soonest, credentialsRetry)
  }

  // MARK: Requests

  /// Those that lead, until they have been listed; then all.
  private var mayAsk: [Int] {
    let leading = followers.indices.filter {
      followers[$0].resource.leads && !followers[$0].isSettled
    }
    return hasTold || leading.isEmpty ? Array(followers.indices) : leading
  }

  private func ask(now: ContinuousClock.Instant) {
    let due = mayAsk.filter { followers[$0].deadline.map { $0 <= now } ?? false }
    guard !due.isEmpty else { return }
    if let retry = credentialsRetry, now < retry { return }
    let proof: CredentialSource.Proof
    do throws(AccessError) {
      proof = try credentials.current(now: now)
      credentialsProblem = nil
      credentialsRetry = nil
    } catch {
      credentialsProblem = "\(error)"
      credentialsRetry = now + Backoff.jittered(.seconds(10), using: &random)
      return
    }
    guard versionAnswer == nil else {
      if versionRequest == nil { versionRequest = client.start(versionQuestion(proof)) }
      return
    }
    for index in due {
      guard let wanted = followers[index].request(now: now, using: &random) else { continue }
      asked[client.start(request(wanted, proof))] = index
    }
  }

  private func request(_ wanted: FollowerRequest, _ proof: CredentialSource.Proof) -> HTTPRequest {
    let query = wanted.query.map { "\($0.name)=\(PercentText.encoded($0.value))" }
    return request(
      wanted.path + (query.isEmpty ? "" : "?" + query.joined(separator: "&")), proof,
      HTTPLimits(
        bodyBytes: wanted.isStream ? nil : options.limits.listBytes, total: nil,
        silence: options.limits.silence))
  }

  private func versionQuestion(_ proof: CredentialSource.Proof) -> HTTPRequest {
    request("/version", proof, HTTPLimits(bodyBytes: 64 << 10, total: .seconds(10)))
  }

  private func request(
    _ target: String, _ proof: CredentialSource.Proof, _ limits: HTTPLimits
  ) -> HTTPRequest {
    HTTPRequest(
      .get, access.server + target,
      headers: [
        HTTPHeader("Accept", "application/json"), HTTPHeader("User-Agent", "fairlead"),
      ],
      bearerToken: proof.token,
      security: HTTPSecurity(
        trust: access.trust, identity: proof.identity, serverName: access.serverName),
      proxy: access.proxy, limits: limits)
  }

  private func take(_ event: HTTPClient.Event, now: ContinuousClock.Instant) {
    let id = event.request
    if id == versionRequest {
      takeVersion(event)
      return
    }
    guard let index = asked[id] else { return }
    let happening: KindFollower.Happening =
      switch event {
      case .answered(_, let head): .answered(head)
      case .body(_, let bytes): .body(bytes)
      case .ended(_, let error): .ended(error)
      }
    let (changes, isOver) = followers[index].take(
      happening, now: now, reader: reader, using: &random)
    if isOver {
      client.cancel(id)
      asked[id] = nil
    }
    if followers[index].doubtsCredentials { credentials.doubt(now: now) }
    for change in changes {
      switch change {
      case .put(let origin, let root): pending[origin] = .some(root)
      case .remove(let origin): pending[origin] = .some(nil)
      }
    }
  }

  /// A server that says nothing of itself is taken for an old one.
  private func takeVersion(_ event: HTTPClient.Event) {
    guard let result = versionAnswer?.take(event) else { return }
    versionAnswer = nil
    versionRequest = nil
    guard case .success(let answer) = result, answer.head.status == 200,
      let root = reader.tree(of: answer.body, named: "version").root
    else { return }
    let streamsLists = ServerVersion(root).streamsLists
    for index in followers.indices { followers[index].streamsLists = streamsLists }
  }

  // MARK: Telling

  private func batch() -> Batch? {
    let problems = problems
    let isComplete = hasTold || followers.allSatisfy { $0.isSettled }
    guard !pending.isEmpty || problems != toldProblems || isComplete != hasTold else { return nil }
    hasTold = isComplete
    toldProblems = problems
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
      from: .cluster(isComplete: isComplete), files: files, removed: removed, problems: problems,
      remoteSecrets: remoteSecrets?.news())
  }

  /// What stands in the way now, a sentence a cause: a server that is down is not one for each kind.
  private var problems: [Diagnostic] {
    if let credentialsProblem {
      return [.clusterCredentials(credentialsProblem, server: access.server)]
    }
    return access.warnings
      + followers.compactMap { follower in
        guard case .forbidden(let reason) = follower.condition else { return nil }
        let cluster = options.cluster.map { "\($0): " } ?? ""
        return .kindForbidden(cluster + follower.resource.name, reason: reason)
      }
  }

  /// What stands in the way of the first batch; empty once it was told.
  package func waitingFor() -> [String] {
    guard !hasTold else { return [] }
    let causes =
      credentialsProblem.map { [$0] }
      ?? followers.filter { !$0.isSettled }.map { follower in
        guard case .behind(let reason) = follower.condition else {
          return "\(follower.resource.name): not listed yet"
        }
        return "\(follower.resource.name): \(reason)"
      }
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
