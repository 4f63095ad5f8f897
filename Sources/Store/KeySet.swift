internal import Incremental
package import Resources

/// What is known of the keys at a ``KeySetLocation``. Nothing is: nobody fetches any.
package enum KeySet: Hashable, Sendable {
  /// Being fetched for the first time.
  case awaited
  /// Fetched without success, and never with any.
  case unavailable
  /// A JSON Web Key Set, verbatim.
  case keys(String)
}

extension ObjectStore {
  /// Replaces an object, and notes the rules that were in force if other ones take their place.
  func putKeepingRules(_ object: Object<RequestAuthentication>) -> Bool {
    let id = NamespacedName(object.metadata)
    let present = requestAuthentications.current(id)?.spec
    if let present, present.jwtRules != object.spec.jwtRules, !object.spec.fetched.isEmpty,
      present.fetched.allSatisfy({ keySets.current($0.location) != .awaited })
    {
      tokenRulesBefore.set(id, to: present.jwtRules)
    }
    return requestAuthentications.set(id, to: object)
  }

  func removeWithRules(_ id: NamespacedName) -> Bool {
    tokenRulesBefore.set(id, to: nil)
    return requestAuthentications.set(id, to: nil)
  }
}

extension RequestAuthentication {
  /// Where the keys of its rules are, and how long fetching may take.
  package var fetched: [(location: KeySetLocation, timeout: Duration)] {
    jwtRules.compactMap { rule in
      guard case .fetched(let location) = rule.keys else { return nil }
      return (location, rule.timeout ?? .seconds(5))
    }
  }
}
