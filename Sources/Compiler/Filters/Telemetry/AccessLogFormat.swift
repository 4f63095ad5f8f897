internal import Documents
internal import EnvoyAPI

/// The format of log lines: Istio's own (istiod's `EnvoyTextLogFormat`, `EnvoyJSONLogFormatIstio`),
/// or a custom one.
enum AccessLogFormat {
  static let text =
    #"[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" "#
    + "%RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% "
    + #"%CONNECTION_TERMINATION_DETAILS% "%UPSTREAM_TRANSPORT_FAILURE_REASON%" "#
    + "%BYTES_RECEIVED% %BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% "
    + #""%REQ(X-FORWARDED-FOR)%" "%REQ(USER-AGENT)%" "%REQ(X-REQUEST-ID)%" "#
    + #""%REQ(:AUTHORITY)%" "%UPSTREAM_HOST%" %UPSTREAM_CLUSTER_RAW% "#
    + "%UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS% "
    + "%REQUESTED_SERVER_NAME% %ROUTE_NAME%\n"

  private static let keys: [(String, String)] = [
    ("authority", "%REQ(:AUTHORITY)%"),
    ("bytes_received", "%BYTES_RECEIVED%"),
    ("bytes_sent", "%BYTES_SENT%"),
    ("connection_termination_details", "%CONNECTION_TERMINATION_DETAILS%"),
    ("downstream_local_address", "%DOWNSTREAM_LOCAL_ADDRESS%"),
    ("downstream_remote_address", "%DOWNSTREAM_REMOTE_ADDRESS%"),
    ("duration", "%DURATION%"),
    ("method", "%REQ(:METHOD)%"),
    ("path", "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%"),
    ("protocol", "%PROTOCOL%"),
    ("request_id", "%REQ(X-REQUEST-ID)%"),
    ("requested_server_name", "%REQUESTED_SERVER_NAME%"),
    ("response_code", "%RESPONSE_CODE%"),
    ("response_code_details", "%RESPONSE_CODE_DETAILS%"),
    ("response_flags", "%RESPONSE_FLAGS%"),
    ("route_name", "%ROUTE_NAME%"),
    ("start_time", "%START_TIME%"),
    ("upstream_cluster", "%UPSTREAM_CLUSTER_RAW%"),
    ("upstream_host", "%UPSTREAM_HOST%"),
    ("upstream_local_address", "%UPSTREAM_LOCAL_ADDRESS%"),
    ("upstream_service_time", "%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%"),
    ("upstream_transport_failure_reason", "%UPSTREAM_TRANSPORT_FAILURE_REASON%"),
    ("user_agent", "%REQ(USER-AGENT)%"),
    ("x_forwarded_for", "%REQ(X-FORWARDED-FOR)%"),
  ]

  /// Lines of text; Istio's own where `custom` is nil or empty.
  static func lines(
    _ custom: String?, omitsEmptyValues: Bool = false
  ) -> Envoy.SubstitutionFormatString {
    let text = custom.flatMap { $0.isEmpty ? nil : $0 } ?? text
    return .init(
      format: .textFormatSource(
        .init(specifier: .inlineString(text.hasSuffix("\n") ? text : text + "\n"))),
      omitEmptyValues: omitsEmptyValues, formatters: formatters([text]))
  }

  /// Objects; Istio's own where `custom` is no mapping, or an empty one.
  static func objects(
    _ custom: Node?, omitsEmptyValues: Bool = false
  ) -> Envoy.SubstitutionFormatString {
    guard case .mapping(let entries)? = custom?.content, !entries.isEmpty else {
      return objects(
        .init(fields: .init(keys.map { (key: $0.0, value: .string($0.1)) })), texts: [],
        omitsEmptyValues)
    }
    return objects(Envoy.Struct(entries), texts: texts(entries.map(\.value)), omitsEmptyValues)
  }

  /// The object that a text spells; nil where it spells none.
  static func parsed(_ text: String) -> Node? {
    ParsedFile(Array(text.utf8), path: "accessLogFormat").documents.first?.root
  }

  private static func objects(
    _ fields: Envoy.Struct, texts: [String], _ omitsEmptyValues: Bool
  ) -> Envoy.SubstitutionFormatString {
    .init(
      format: .jsonFormat(fields), omitEmptyValues: omitsEmptyValues,
      formatters: formatters(texts), jsonFormatOptions: .init())
  }

  static func texts(_ values: [Node]) -> [String] {
    values.compactMap { value in
      if case .string(let text) = value.content { text } else { nil }
    }
  }

  /// Operators beyond Envoy's own need their extension beside them.
  static func formatters(_ texts: [String]) -> [Envoy.TypedExtensionConfig] {
    guard texts.contains(where: { $0.contains("%REQ_WITHOUT_QUERY") }) else { return [] }
    return [
      .init(
        name: "envoy.formatter.req_without_query", typedConfig: .pack(Envoy.ReqWithoutQuery()))
    ]
  }
}
