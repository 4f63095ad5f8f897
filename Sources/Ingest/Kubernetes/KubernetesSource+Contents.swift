internal import Documents
internal import HTTPClient
package import Linux

/// Kinds of which only the metadata is listed: Secrets and ConfigMaps, most of which are nobody's
/// business here.
extension KubernetesSource {
  static let readingsAtOnce = 8

  /// What is referred to from now on, and so read whole: those objects that are there, anew whenever
  /// they change. Of what was read of others only that it is there is told.
  package func read(
    _ objects: Set<ContentName>, now: ContinuousClock.Instant
  ) throws(LinuxError) {
    let listed = followers.filter { $0.resource.contents.isOnDemand }.flatMap { follower in
      follower.known.compactMap { origin, version in
        ContentName(origin: origin, plural: follower.resource.plural).map { ($0, version) }
      }
    }
    let dropped = desk.want(objects, of: listed, now: now)
    for object in dropped { tellUnread(object) }
    knowsWhatToRead = true
    try wake()
  }

  private func follower(of object: ContentName) -> KindFollower? {
    followers.first { $0.resource.contents.isOnDemand && $0.resource.plural == object.plural }
  }

  /// An object is listed, or is no more.
  func takeListed(
    _ change: KindFollower.Change, of follower: KindFollower, now: ContinuousClock.Instant
  ) {
    let plural = follower.resource.plural
    switch change {
    case .put(let origin, let root):
      guard let object = ContentName(root, plural: plural) else { return }
      let version = root["metadata"]?["resourceVersion"]?.text ?? ""
      let isRead = desk.listed(
        object, version: version, isPinned: isPinned(root, origin: origin), now: now)
      if !isRead { tellUnread(object) }
    case .remove(let origin):
      if let object = ContentName(origin: origin, plural: plural) { desk.gone(object) }
      pending[origin] = .some(nil)
    }
  }

  /// That there is such an object is all that is told of it.
  private func tellUnread(_ object: ContentName) {
    guard let resource = follower(of: object)?.resource else { return }
    switch resource.contents {
    case .listed, .metadata, .onDemand: pending[object.description] = .some(nil)
    case .onDemandElse(let type):
      pending[object.description] = .some(
        Node(
          .mapping([
            .init(
              key: "apiVersion", value: Node(.string(resource.apiVersion(resource.versions[0])))),
            .init(key: "kind", value: Node(.string(resource.kind))),
            .init(
              key: "metadata",
              value: Node(
                .mapping([
                  .init(key: "name", value: Node(.string(object.name))),
                  .init(key: "namespace", value: Node(.string(object.namespace))),
                ]))),
            .init(key: "type", value: Node(.string(type))),
          ])))
    }
  }

  func read(_ object: ContentName, _ proof: CredentialSource.Proof) {
    guard let follower = follower(of: object) else { return }
    let path = follower.resource.path(version: follower.version, namespace: object.namespace)
    let limits = HTTPLimits(bodyBytes: options.limits.lineBytes, total: .seconds(30))
    let id = client.start(.get, "\(path)/\(object.name)", proof, limits)
    reading[id] = (object, AnswerCollector())
  }

  /// Part of an answer to what was read; all of it is told, if it is what was asked for.
  func takeContents(_ event: HTTPClient.Event, now: ContinuousClock.Instant) {
    guard let (object, result) = finished(event), let follower = follower(of: object) else {
      return
    }
    let origin = object.description
    switch result {
    case .failure(let error):
      _ = desk.take(
        .failed(reason: "\(error)", atLeast: .zero), of: object, now: now, using: &random)
    case .success(let answer) where answer.head.status == 200:
      let root = client.reader.tree(
        of: answer.body, named: origin, selecting: follower.resource.fields,
        recur: !follower.resource.isSecret
      )
      .root
      guard
        let read = root.flatMap({
          ListedObject($0, of: follower.resource, version: follower.version)
        }), read.origin == origin
      else {
        _ = desk.take(
          .failed(reason: "the answer is no such object", atLeast: .zero), of: object, now: now,
          using: &random)
        return
      }
      let isWanted = desk.take(
        .read(version: read.resourceVersion), of: object, now: now, using: &random)
      if isWanted { pending[origin] = .some(read.root) }
    case .success(let answer):
      let status = FollowerLimits.status(answer.head, answer.body, reader: client.reader)
      _ = desk.take(outcome(status), of: object, now: now, using: &random)
      if status.code == 401 { doubtCredentials(now: now) }
    }
  }

  private func finished(
    _ event: HTTPClient.Event
  ) -> (ContentName, Result<HTTPAnswer, HTTPError>)? {
    guard let object = reading[event.request]?.object else { return nil }
    let result = reading[event.request]?.answer.take(event)
    guard let result else { return nil }
    reading[event.request] = nil
    return (object, result)
  }

  private func outcome(_ status: ServerStatus) -> ContentDesk.Outcome {
    switch status.code {
    case 403, 404: .refused(reason: status.message)
    default:
      .failed(
        reason: "the server answered \(status.code): \(status.message)",
        atLeast: .seconds(
          min(status.retryAfterSeconds ?? 0, options.limits.longestRetryAfterSeconds)))
    }
  }
}

extension APIResource {
  /// What is asked for of a kind whose metadata is enough (Kubernetes' "Receiving resources as
  /// Tables", metadata-only fetches). Servers that have never heard of it answer with whole objects.
  func accepted(isStream: Bool) -> String {
    guard contents != .listed else { return "application/json" }
    let kind = isStream ? "PartialObjectMetadata" : "PartialObjectMetadataList"
    return "application/json;as=\(kind);g=meta.k8s.io;v=v1,application/json"
  }
}
