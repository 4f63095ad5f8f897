internal import Documents
internal import HTTPClient
internal import Linux

/// One API server as who follows or writes objects talks to it: requests that carry the credentials of
/// the moment, and one descriptor for answers and for what is due.
final class APIServerClient {
  private(set) var access: ClusterAccess
  let reader: JSONReader
  private let http: HTTPClient
  private let epoll: Epoll
  private let timer: TimerFD
  /// When the timer goes off, or went off; nil where it does not.
  private var timerDue: ContinuousClock.Instant?
  private var credentials: CredentialSource
  /// Why credentials could not be had when they were last asked for.
  private(set) var credentialsProblem: String?
  private var credentialsRetry: ContinuousClock.Instant?
  private var random = SystemRandomNumberGenerator()

  /// There is something to do at once.
  init(
    _ access: ClusterAccess, limits: DocumentLimits = DocumentLimits()
  ) throws(KubernetesSource.Failure) {
    self.access = access
    credentials = CredentialSource(access.credentials)
    guard let reader = JSONReader(limits: limits) else {
      throw .system(LinuxError("read JSON", reason: "out of memory"))
    }
    self.reader = reader
    do throws(HTTPError) { http = try HTTPClient() } catch { throw .http(error) }
    do throws(LinuxError) {
      epoll = try Epoll()
      timer = try TimerFD()
      try epoll.add(http.descriptor, .readable, token: 0)
      try epoll.add(timer.descriptor, .readable, token: 1)
      try timer.set(.zero)
      timerDue = .now
    } catch {
      throw .system(error)
    }
  }

  /// Asks this server from now on, with these credentials.
  func move(to access: ClusterAccess) {
    self.access = access
    credentials = CredentialSource(access.credentials)
    credentialsRetry = nil
  }

  // MARK: Waiting

  /// Readable when something was answered, or what was to be waited for is due.
  var descriptor: FileDescriptor { epoll.descriptor }

  /// Has ``descriptor`` readable after that time, at once for zero, or with the next answer for nil.
  func wake(after time: Duration?) throws(LinuxError) {
    timerDue = time.map { .now + $0 }
    try timer.set(time)
  }

  /// What was answered since; does not wait.
  func advance(now: ContinuousClock.Instant) throws(LinuxError) -> [HTTPClient.Event] {
    // A timer that cannot have gone off is not asked: that would be a system call for every answer.
    if let timerDue, timerDue <= now { try timer.clear() }
    return http.advance()
  }

  /// What is answered until then, or before.
  func advance(waitingUpTo patience: Duration) -> [HTTPClient.Event] {
    http.advance(waitingUpTo: patience)
  }

  // MARK: Credentials

  /// What is sent to prove who we are; nil while it cannot be had. May wait for a credential plugin.
  func proof(now: ContinuousClock.Instant) -> CredentialSource.Proof? {
    if let credentialsRetry, now < credentialsRetry { return nil }
    do throws(AccessError) {
      let proof = try credentials.current(now: now)
      (credentialsProblem, credentialsRetry) = (nil, nil)
      return proof
    } catch {
      credentialsProblem = "\(error)"
      credentialsRetry = now + Backoff.jittered(.seconds(10), using: &random)
      return nil
    }
  }

  /// That time, or when credentials are asked for again, if they could not be had and that is later.
  func earliest(_ wanted: ContinuousClock.Instant?) -> ContinuousClock.Instant? {
    guard let wanted, let credentialsRetry else { return wanted }
    return max(wanted, credentialsRetry)
  }

  /// The server does not take them.
  func doubtCredentials(now: ContinuousClock.Instant) { credentials.doubt(now: now) }

  // MARK: Requests

  /// Sends a request to a path of the server, its query included.
  func start(
    _ method: HTTPRequest.Method, _ target: String, body: [UInt8]? = nil,
    type: String = "application/json", accepting accepted: String = "application/json",
    _ proof: CredentialSource.Proof, _ limits: HTTPLimits
  ) -> HTTPClient.RequestID {
    http.start(
      HTTPRequest(
        method, access.server + target,
        headers: [
          HTTPHeader("Accept", accepted), HTTPHeader("User-Agent", "fairlead"),
        ] + (body == nil ? [] : [HTTPHeader("Content-Type", type)]),
        bearerToken: proof.token, body: body,
        security: HTTPSecurity(
          trust: access.trust, identity: proof.identity, serverName: access.serverName),
        proxy: access.proxy, limits: limits))
  }

  func cancel(_ request: HTTPClient.RequestID) { http.cancel(request) }
}
