/// An answer that sends the client elsewhere.
package struct HTTPRedirect: Hashable, Sendable {
  package var path: Path?
  package var authority: String?
  package var port: Port?
  package var scheme: String?
  /// 0 is 301.
  package var redirectCode: Int

  package init(
    path: Path? = nil, authority: String? = nil, port: Port? = nil, scheme: String? = nil,
    redirectCode: Int = 0
  ) {
    self.path = path
    self.authority = authority
    self.port = port
    self.scheme = scheme
    self.redirectCode = redirectCode
  }

  package enum Path: Hashable, Sendable {
    /// `uri`: the whole path.
    case full(String)
    /// `prefixRewrite`: what takes the place of the matched prefix.
    case prefix(String)
  }

  package enum Port: Hashable, Sendable {
    case number(Int)
    case fromProtocolDefault
    case fromRequestPort
  }
}

/// An answer given without asking any service.
package struct HTTPDirectResponse: Hashable, Sendable {
  package var status: Int
  package var body: Body?

  package init(status: Int, body: Body? = nil) {
    self.status = status
    self.body = body
  }

  package enum Body: Hashable, Sendable {
    case string(String)
    case bytes([UInt8])
  }
}

/// What the request is changed to before it is forwarded.
package struct HTTPRewrite: Hashable, Sendable {
  package var uri: URI?
  package var authority: String?

  package init(uri: URI? = nil, authority: String? = nil) {
    self.uri = uri
    self.authority = authority
  }

  package enum URI: Hashable, Sendable {
    /// `uri`: what takes the place of the matched prefix, or the whole of a matched path.
    case prefix(String)
    /// `uriRegexRewrite`
    case regex(match: String, rewrite: String)
  }
}

/// When and how often a failed request is tried again.
package struct HTTPRetry: Hashable, Sendable {
  package var attempts: Int
  package var perTryTimeout: Duration?
  package var retryOn: RetryOn?
  package var retryRemoteLocalities: Bool?
  package var retryIgnorePreviousHosts: Bool?
  package var backoff: Duration?

  package init(
    attempts: Int = 0, perTryTimeout: Duration? = nil, retryOn: RetryOn? = nil,
    retryRemoteLocalities: Bool? = nil, retryIgnorePreviousHosts: Bool? = nil,
    backoff: Duration? = nil
  ) {
    self.attempts = attempts
    self.perTryTimeout = perTryTimeout
    self.retryOn = retryOn
    self.retryRemoteLocalities = retryRemoteLocalities
    self.retryIgnorePreviousHosts = retryIgnorePreviousHosts
    self.backoff = backoff
  }

  /// `retryOn`, taken apart.
  package struct RetryOn: Hashable, Sendable {
    /// Envoy's words for conditions, in the order written.
    package var conditions: [String]
    /// In the order written.
    package var statusCodes: [Int]

    package init(conditions: [String] = [], statusCodes: [Int] = []) {
      self.conditions = conditions
      self.statusCodes = statusCodes
    }
  }
}

/// Failures made on purpose.
package struct HTTPFaultInjection: Hashable, Sendable {
  package var delay: Delay?
  package var abort: Abort?

  package init(delay: Delay? = nil, abort: Abort? = nil) {
    self.delay = delay
    self.abort = abort
  }

  package struct Delay: Hashable, Sendable {
    package var fixedDelay: Duration?
    /// Whole percent; deprecated, and looked at only without `percentage`.
    package var percent: Int
    package var percentage: Double?

    package init(fixedDelay: Duration? = nil, percent: Int = 0, percentage: Double? = nil) {
      self.fixedDelay = fixedDelay
      self.percent = percent
      self.percentage = percentage
    }
  }

  package struct Abort: Hashable, Sendable {
    package var error: Failure?
    package var percentage: Double?

    package init(error: Failure? = nil, percentage: Double? = nil) {
      self.error = error
      self.percentage = percentage
    }
  }

  package enum Failure: Hashable, Sendable {
    case httpStatus(Int)
    /// The number of the gRPC status that was named.
    case grpcStatus(Int)
  }
}

/// A service that gets copies of the requests; its answers are dropped.
package struct HTTPMirrorPolicy: Hashable, Sendable {
  package var destination: Destination
  /// Nil for all requests.
  package var percentage: Double?

  package init(destination: Destination, percentage: Double? = nil) {
    self.destination = destination
    self.percentage = percentage
  }
}

/// Which other origins' pages may read the answers.
package struct CorsPolicy: Hashable, Sendable {
  /// `allowOrigins`, or where it is empty the deprecated `allowOrigin` as exact matches.
  package var allowOrigins: [StringMatch]
  package var allowMethods: [String]
  package var allowHeaders: [String]
  package var exposeHeaders: [String]
  package var maxAge: Duration?
  package var allowCredentials: Bool?
  package var unmatchedPreflights: UnmatchedPreflights

  package init(
    allowOrigins: [StringMatch] = [], allowMethods: [String] = [], allowHeaders: [String] = [],
    exposeHeaders: [String] = [], maxAge: Duration? = nil, allowCredentials: Bool? = nil,
    unmatchedPreflights: UnmatchedPreflights = .unspecified
  ) {
    self.allowOrigins = allowOrigins
    self.allowMethods = allowMethods
    self.allowHeaders = allowHeaders
    self.exposeHeaders = exposeHeaders
    self.maxAge = maxAge
    self.allowCredentials = allowCredentials
    self.unmatchedPreflights = unmatchedPreflights
  }

  package enum UnmatchedPreflights: String, CaseIterable, Sendable {
    case unspecified = "UNSPECIFIED"
    case forward = "FORWARD"
    case ignore = "IGNORE"
  }
}
