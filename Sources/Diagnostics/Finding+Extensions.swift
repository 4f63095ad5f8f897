/// What a WasmPlugin or a TrafficExtension can get wrong.
extension Finding {
  package static func longText(_ what: String, limit: Int) -> Finding {
    refusal("the \(what) is longer than \(limit) bytes")
  }

  package static func badModuleURL() -> Finding {
    refusal("this is not a URL")
  }

  package static func badModuleScheme(_ scheme: String) -> Finding {
    refusal(
      "a module cannot be had by \"\(scheme):\"",
      evidence: "It can by oci, http, https and file; without one of these it is an image, and the "
        + "name of a registry with a port needs oci:// before it")
  }

  package static func moduleNeedsAgent(letsThrough: Bool) -> Finding {
    Finding(
      .warning,
      "a stock Envoy has no way to this module: it fetches by http and https what has a sha256, and "
        + "reads files beside it",
      effect: letsThrough
        ? "As failStrategy has it, traffic passes without it"
        : "As failStrategy has it, no traffic passes")
  }

  package static func withoutImageCredentials(_ secret: String, namespace: String) -> Finding {
    Finding(
      .warning, code: .referencedResourceNotFound,
      "no Secret \(namespace)/\(secret) of type kubernetes.io/dockerconfigjson is there",
      effect: "The image is pulled without credentials")
  }

  package static func badChecksum() -> Finding {
    refusal("a checksum is 64 digits of 0 to 9 and a to f")
  }

  package static func repeatedVariable(_ name: String) -> Finding {
    refusal("another variable is named \"\(name)\" too")
  }

  package static func valueOfHostVariable() -> Finding {
    refusal("a variable of the proxy's own has no value here")
  }
}
