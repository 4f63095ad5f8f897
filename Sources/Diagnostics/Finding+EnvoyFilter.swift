/// What an EnvoyFilter can get wrong.
extension Finding {
  package static func envoyFilterIsInternal() -> Finding {
    warning(
      "an EnvoyFilter depends on how proxies are configured within, which changes from version to"
        + " version",
      evidence: "Another kind of object that says the same is safer, above all in upgrades")
  }

  package static func patchWithoutValue(_ operation: String) -> Finding {
    refusal("\(operation) needs a value")
  }

  package static func matchOfOtherClass(_ applyTo: String, needed: String) -> Finding {
    refusal("a patch of \(applyTo) can match by \(needed) only")
  }

  package static func filterMatchWithoutEffect(_ applyTo: String) -> Finding {
    warning("a patch of \(applyTo) looks at no filter", effect: "The match has no effect")
  }

  package static func subFilterOfOtherThanHTTP() -> Finding {
    refusal("subFilter is for patches of HTTP_FILTER")
  }

  package static func subFilterOutsideHTTP(_ name: String) -> Finding {
    refusal(
      "there are HTTP filters in envoy.filters.network.http_connection_manager only, not in"
        + " \"\(name)\"")
  }

  package static func deprecatedFilterName(_ name: String, canonical: String) -> Finding {
    warning("\"\(name)\" is an old name; filters are called \"\(canonical)\"")
  }

  package static func longVersionExpression(length: Int) -> Finding {
    warning(
      "the regular expression is \(length) characters long; 1024 are allowed",
      effect: "No proxy matches it")
  }

  package static func portNameOfListener() -> Finding {
    warning("portName is not looked at", effect: "It has no effect, as in istiod")
  }

  package static func patchFieldWithoutEffect(_ problem: String) -> Finding {
    Finding(.warning, problem, effect: "It is left out; the rest of the patch applies")
  }

  package static func badPatchValue(_ problem: String) -> Finding { refusal(problem) }

  package static func mergeOfOtherType(_ type: String, into filter: String) -> Finding {
    warning(
      "what is merged into \(filter) has to have its type, found \(type)",
      effect: "Where there is such a filter, this patch and those after it of the same listener are"
        + " given up, as in istiod")
  }

  package static func bigPatchValue(byteCount: Int, limit: Int) -> Finding {
    refusal("the value is \(byteCount) bytes long; \(limit) are allowed")
  }

  package static func filterWithoutConfiguration(_ name: String) -> Finding {
    warning(
      "\"\(name)\" has no typed_config", evidence: "Envoy finds no filter by its name alone")
  }
}
