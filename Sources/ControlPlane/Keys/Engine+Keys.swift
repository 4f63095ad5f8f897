internal import Diagnostics
internal import Mesh
internal import Resources
internal import Store

extension Engine {
  /// The key sets that policies have fetched.
  var keySetRequests: [KeySetRequest] { model.policies.tokens.requests(true) }

  /// Takes what is known of key sets.
  func take(_ changes: [KeySetSchedule.Change]) {
    for change in changes { model.store.keySets.set(change.location, to: change.keySet) }
  }

  /// One for each policy that has to do without the keys.
  func diagnostics(of problem: KeySetFetcher.Problem) -> [Diagnostic] {
    problem.request.policies.compactMap { id in
      guard let policy = model.store.requestAuthentications.current(id),
        let index = policy.spec.jwtRules.firstIndex(where: {
          $0.keys == .fetched(problem.request.location)
        })
      else { return nil }
      return .keysNotFetched(
        from: problem.server, answer: problem.answer, of: policy.name, rule: index,
        at: policy.spec.jwtRules[index].position.place(in: policy.place.file),
        hasKeys: problem.hasKeys)
    }
  }
}
