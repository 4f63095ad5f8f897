internal import Diagnostics
internal import Mesh
internal import Resources
internal import Store

extension Engine {
  /// The key sets that policies have fetched.
  var keySetRequests: [KeySetRequest] { model.policies.tokens.requests() }

  /// Takes what is known of key sets.
  func take(_ changes: [KeySetSchedule.Change]) {
    for change in changes {
      if case .keys(let new)? = change.keySet,
        case .keys(let old)? = model.store.keySets.current(change.location),
        FetchedKeySet.isSame(old, new)
      {
        continue
      }
      model.store.keySets.set(change.location, to: change.keySet)
      count(keysOf: change.location, change.keySet)
    }
  }

  /// One for each policy that has to do without the keys.
  func diagnostics(of problem: KeySetFetcher.Problem) -> [Diagnostic] {
    diagnostics(about: problem.request) {
      .keysNotFetched(
        from: problem.server, answer: problem.answer, of: $0, rule: $1, at: $2,
        hasKeys: problem.hasKeys)
    }
  }

  /// What is said where nothing is fetched.
  var unfetchedKeys: [Diagnostic] {
    keySetRequests.flatMap { request in
      diagnostics(about: request) { .keysLeftUnfetched(of: $0, rule: $1, at: $2) }
    }
  }

  /// One for each policy, about the first of its rules that asks for the keys.
  private func diagnostics(
    about request: KeySetRequest, _ diagnostic: (ObjectName, Int, Place) -> Diagnostic
  ) -> [Diagnostic] {
    request.policies.compactMap { id in
      guard let policy = model.store.requestAuthentications.current(id),
        let index = policy.spec.jwtRules.firstIndex(where: { $0.keys == .fetched(request.location) }
        )
      else { return nil }
      let place = policy.spec.jwtRules[index].position.place(in: policy.place.file)
      return diagnostic(policy.name, index, place)
    }
  }
}
