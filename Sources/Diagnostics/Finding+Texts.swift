/// Names, numbers and texts that break a rule wherever they stand.
extension Finding {
  package static func emptyHost() -> Finding { refusal("a host name must not be empty") }

  package static func longHost(_ name: String) -> Finding {
    refusal("the host name is \(name.utf8.count) characters long; 255 are allowed")
  }

  package static func badHost(_ name: String, label: String) -> Finding {
    refusal(
      "\"\(name)\" is not a host name: \"\(label)\" is not a label of one",
      evidence: "Labels are letters, digits and inner hyphens, at most 63")
  }

  package static func badGeneratedHost(_ name: String) -> Finding {
    refusal("\"\(name)\" starts like a generated name but is not outbound_.<port>_._.<host>")
  }

  package static func numericTopLevel(_ name: String, label: String) -> Finding {
    refusal("\"\(name)\" is not a host name: its last label \"\(label)\" is a number")
  }

  package static func emptyPartOfHost(_ text: String) -> Finding {
    refusal("\"\(text)\" must have a namespace before the slash and a host after it")
  }

  package static func badNamespaceOfHost(_ text: String, namespace: String) -> Finding {
    refusal("\"\(namespace)\" in \"\(text)\" is not a namespace, \".\" or \"*\"")
  }

  package static func shortHost(_ name: String) -> Finding {
    refusal("\"\(name)\" is a short name; a server's host needs a dot, or is \"*\"")
  }

  package static func partialWildcard(_ name: String) -> Finding {
    refusal("\"\(name)\" has a wildcard that is not a whole label")
  }

  package static func emptyRegex() -> Finding { refusal("the regular expression is empty") }

  package static func longRegex(length: Int) -> Finding {
    refusal("the regular expression is \(length) characters long; 1024 are allowed")
  }

  package static func badRegex(_ pattern: String, error: String) -> Finding {
    refusal("\"\(pattern)\" is not a regular expression of RE2: \(error)")
  }

  package static func badLabelKey(_ key: String) -> Finding {
    refusal("\"\(key)\" is not the name of a label")
  }

  package static func badLabelValue(_ value: String, key: String) -> Finding {
    refusal("\"\(value)\" is not the value of a label (\(key))")
  }

  package static func emptySelectorKey() -> Finding {
    refusal("a selector's label must have a name")
  }

  package static func wildcardInSelector(_ key: String, _ value: String) -> Finding {
    refusal("a selector takes no wildcards, found \"\(key)=\(value)\"")
  }

  package static func emptySelector() -> Finding {
    warning("the selector has no labels", effect: "It selects everything in the namespace")
  }

  package static func portOutOfRange(_ number: Int) -> Finding {
    refusal("port \(number) is not in 1 to 65535")
  }

  package static func shortDuration() -> Finding {
    refusal("a duration must be at least 1ms")
  }

  package static func fineDuration() -> Finding {
    refusal("a duration must be whole milliseconds")
  }

  package static func badPercentage(_ value: Double) -> Finding {
    refusal("\(value) is neither 0 nor a percentage from 0.0001 to 100")
  }

  package static func percentageOutOfRange(_ value: Double) -> Finding {
    refusal("\(value) is not a percentage from 0 to 100")
  }

  package static func percentOutOfRange(_ value: Int) -> Finding {
    refusal("\(value) is not a percentage from 0 to 100")
  }

  package static func badSubnet(_ text: String) -> Finding {
    refusal("\"\(text)\" is neither an IP address nor a CIDR block")
  }

  package static func badUnixPath(_ path: String) -> Finding {
    refusal("\"\(path)\" is not the absolute path of a socket")
  }

  package static func badPortName(_ name: String) -> Finding {
    refusal(
      "\"\(name)\" is not the name of a port",
      evidence: "Names are letters, digits and inner hyphens, at most 63")
  }

  package static func emptyHeaderName() -> Finding { refusal("a header name must not be empty") }

  package static func badHeaderName(_ name: String) -> Finding {
    refusal("\"\(name)\" is not the name of a header")
  }

  package static func internalHeader(_ name: String) -> Finding {
    refusal("the header \"\(name)\" cannot be changed here")
  }

  package static func lineBreakInHeader() -> Finding {
    refusal(
      "it has a line break or a zero byte, which headers cannot have",
      evidence: "A text block of YAML ends in a line break unless it begins with |- or >-")
  }

  package static func controlInHeaderValue() -> Finding {
    refusal("a header value must not have control characters")
  }

  package static func badHeaderValue(_ text: String) -> Finding {
    refusal(
      "\"\(text)\" is not a header value: its %…% do not pair up",
      evidence: "A percent sign is written %%")
  }

  package static func badExportTo(_ text: String) -> Finding {
    refusal("\"\(text)\" is not a namespace, \".\" or \"*\"")
  }

  package static func duplicateExportTo(_ text: String) -> Finding {
    refusal("\"\(text)\" is in the list twice (\".\" is the own namespace)")
  }

  package static func exportToEveryoneAndOthers() -> Finding {
    refusal("\"*\" exports to everyone and stands alone")
  }

  package static func exportToNobodyAndOthers() -> Finding {
    refusal("\"~\" exports to nobody and stands alone")
  }
}
