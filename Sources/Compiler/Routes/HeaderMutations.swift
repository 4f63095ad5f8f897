internal import EnvoyAPI
internal import Resources

/// Changes to headers as Envoy makes them: what is set before what is added, each by name.
///
/// The host cannot be changed as a header; where the changes ask for that, it is ``authority``.
struct HeaderMutations {
  let requestAdditions: [Envoy.HeaderValueOption]
  let requestRemovals: [String]
  let responseAdditions: [Envoy.HeaderValueOption]
  let responseRemovals: [String]
  /// The host to send; what is set goes before what is added.
  let authority: String?

  private init(
    requestAdditions: [Envoy.HeaderValueOption], requestRemovals: [String],
    responseAdditions: [Envoy.HeaderValueOption], responseRemovals: [String], authority: String?
  ) {
    self.requestAdditions = requestAdditions
    self.requestRemovals = requestRemovals
    self.responseAdditions = responseAdditions
    self.responseRemovals = responseRemovals
    self.authority = authority
  }

  /// No change.
  private static var none: HeaderMutations {
    HeaderMutations(
      requestAdditions: [], requestRemovals: [], responseAdditions: [], responseRemovals: [],
      authority: nil)
  }

  private var isEmpty: Bool {
    requestAdditions.isEmpty && requestRemovals.isEmpty && responseAdditions.isEmpty
      && responseRemovals.isEmpty && authority == nil
  }

  init(_ headers: Headers?) {
    guard let headers else {
      self = .none
      return
    }
    let (request, response) = (headers.request, headers.response)
    self.init(
      requestAdditions: additions(request), requestRemovals: request.remove.filter(isOrdinary),
      responseAdditions: additions(response), responseRemovals: response.remove.filter(isOrdinary),
      authority: host(in: request.set) ?? host(in: request.add))
  }

  /// These changes and then the others'; the authority is this one's where it has one.
  func joined(with other: HeaderMutations) -> HeaderMutations {
    if other.isEmpty { return self }
    return HeaderMutations(
      requestAdditions: requestAdditions + other.requestAdditions,
      requestRemovals: requestRemovals + other.requestRemovals,
      responseAdditions: responseAdditions + other.responseAdditions,
      responseRemovals: responseRemovals + other.responseRemovals,
      authority: authority ?? other.authority)
  }
}

private func additions(_ operations: HeaderOperations) -> [Envoy.HeaderValueOption] {
  func options(
    _ headers: [Named<String>], _ action: Envoy.HeaderValueOption.HeaderAppendAction
  ) -> [Envoy.HeaderValueOption] {
    headers.filter { isOrdinary($0.name) }.map {
      .init(header: .init(key: $0.name, value: $0.value), appendAction: action)
    }
  }
  return options(operations.set, .overwriteIfExistsOrAdd)
    + options(operations.add, .appendIfExistsOrAdd)
}

/// Envoy refuses changes to pseudo-headers and to the host.
private func isOrdinary(_ name: String) -> Bool {
  name.utf8.first != UInt8(ascii: ":") && name.lowercased() != "host"
}

private func host(in headers: [Named<String>]) -> String? {
  headers.last { [":authority", "host"].contains($0.name.lowercased()) && !$0.value.isEmpty }?.value
}
