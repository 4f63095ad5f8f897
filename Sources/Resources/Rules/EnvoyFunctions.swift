/// The functions of CEL that Envoy has in expressions without a `cel_config`, as its own runs of them
/// tell: others make it refuse the listener they are in.
enum EnvoyFunctions {
  struct Call: Hashable {
    let name: String
    let argumentCount: Int
    let isOnReceiver: Bool
  }

  static func knows(_ call: Call) -> Bool {
    switch (call.isOnReceiver, call.argumentCount) {
    case (false, 1): conversions.contains(call.name) || call.name == "has"
    case (false, 2), (true, 1):
      texts.contains(call.name) || (call.isOnReceiver && times.contains(call.name))
    case (true, 0): call.name == "size" || times.contains(call.name)
    // `re.extract`
    case (true, 3): call.name == "extract"
    case _: false
    }
  }

  private static let conversions: Set = [
    "bool", "bytes", "double", "duration", "dyn", "int", "size", "timestamp", "type", "uint",
  ]
  private static let texts: Set = ["contains", "endsWith", "matches", "startsWith"]
  private static let times: Set = [
    "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear", "getFullYear", "getHours",
    "getMilliseconds", "getMinutes", "getMonth", "getSeconds",
  ]
}
