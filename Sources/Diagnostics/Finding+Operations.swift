/// Patches of EnvoyFilters that do nothing, or depend on an order that nobody settles; providers of the
/// mesh's settings that are not there.
extension Finding {
  package static func addWithoutEffect(_ applyTo: String) -> Finding {
    Finding(
      .warning, code: .addWithoutEffect, "nothing can be added as \(applyTo)",
      effect: "The patch has no effect")
  }

  package static func removeWithoutEffect(_ applyTo: String) -> Finding {
    Finding(
      .warning, code: .removeWithoutEffect, "\(applyTo) cannot be removed",
      effect: "The patch has no effect")
  }

  package static func replaceWithoutEffect(_ applyTo: String) -> Finding {
    Finding(
      .warning, code: .replaceWithoutEffect, "\(applyTo) cannot be replaced",
      evidence: "NETWORK_FILTER, HTTP_FILTER and VIRTUAL_HOST can",
      effect: "The patch has no effect")
  }

  package static func relativeWithoutPriority(_ operation: String) -> Finding {
    Finding(
      .warning, code: .relativeOperation,
      "\(operation) looks for what other patches may add or remove, and the EnvoyFilter has no "
        + "priority",
      effect: "Where it is applied before the patch that adds what it looks for, it has no effect")
  }

  package static func relativeWithoutPriorityOfVersion(_ operation: String) -> Finding {
    Finding(
      .warning, code: .relativeOperationOfVersion,
      "\(operation) looks for what a patch for some proxy versions adds, and the EnvoyFilter has no "
        + "priority",
      effect: "Proxies of other versions, as in an upgrade, may be without it")
  }

  package static func logsWithoutProvider() -> Finding {
    Finding(
      .warning, code: .invalidTelemetryProvider,
      "no provider is given, and the mesh's settings have no default one for access logs",
      effect: "It counts only where another Telemetry of the workloads names a provider")
  }

  package static func deprecatedLightstep(_ name: String) -> Finding {
    Finding(
      .warning, code: .deprecated,
      "\"\(name)\" is a Lightstep provider in the mesh's settings, which is deprecated;"
        + " OpenTelemetry is used now",
      effect: "It has no effect")
  }

  package static func unknownProvider(_ name: String, known: [String]) -> Finding {
    Finding(
      .warning, "the mesh's settings have no extension provider \"\(name)\"",
      evidence: "They have \(clipped(known))", effect: "This entry has no effect")
  }

  package static func unknownAuthorizer(_ name: String, known: [String]) -> Finding {
    Finding(
      .error, "the mesh's settings have no external authorizer \"\(name)\"",
      evidence: known.isEmpty ? nil : "They have \(clipped(known))",
      effect: "Requests that the policy is about are denied")
  }
}

extension Code {
  package static let relativeOperation = Code("IST0151")
  package static let replaceWithoutEffect = Code("IST0152")
  package static let addWithoutEffect = Code("IST0153")
  package static let removeWithoutEffect = Code("IST0154")
  package static let relativeOperationOfVersion = Code("IST0155")
  package static let invalidTelemetryProvider = Code("IST0157")
}
