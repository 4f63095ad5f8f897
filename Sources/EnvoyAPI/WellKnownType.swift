/// The messages that protobuf's JSON mapping writes in a form of their own.
enum WellKnownType: String, CaseIterable {
  case any = "Any"
  case duration = "Duration"
  case timestamp = "Timestamp"
  case structure = "Struct"
  case value = "Value"
  case listValue = "ListValue"
  case boolValue = "BoolValue"
  case bytesValue = "BytesValue"
  case doubleValue = "DoubleValue"
  case floatValue = "FloatValue"
  case int32Value = "Int32Value"
  case int64Value = "Int64Value"
  case stringValue = "StringValue"
  case uint32Value = "UInt32Value"
  case uint64Value = "UInt64Value"

  private static let byType: [MessageType: WellKnownType] = Dictionary(
    uniqueKeysWithValues: allCases.compactMap { known in
      MessageType(named: "google.protobuf.\(known.rawValue)").map { ($0, known) }
    })

  init?(_ type: MessageType) {
    guard let known = WellKnownType.byType[type] else { return nil }
    self = known
  }

  /// Whether it is a scalar in a message, so that unset can be told from zero.
  var isOneScalar: Bool {
    switch self {
    case .any, .duration, .timestamp, .structure, .value, .listValue: false
    case .boolValue, .bytesValue, .doubleValue, .floatValue, .int32Value, .int64Value, .stringValue,
      .uint32Value, .uint64Value:
      true
    }
  }
}
