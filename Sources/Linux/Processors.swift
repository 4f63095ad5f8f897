private import CLinux

/// What this process may use of the machine's processors.
package enum Processors {
  /// Whole processors, at least one: those it may run on, and no more than its container's quota.
  package static var available: Int {
    let allowed = Int(linux_processor_count())
    return max(1, min(allowed, quota ?? allowed))
  }

  /// "QUOTA PERIOD" in microseconds, or "max PERIOD" where there is none (cgroup v2, cpu.max).
  private static var quota: Int? {
    guard case .bytes(let bytes)? = try? Files.contents(of: "/sys/fs/cgroup/cpu.max", limit: 100)
    else { return nil }
    return quota(String(decoding: bytes, as: UTF8.self))
  }

  /// Rounded up: a thread that is stopped now and then does more than none.
  static func quota(_ text: String) -> Int? {
    let words = text.split { $0 == " " || $0 == "\n" }.map { Int($0) }
    guard words.count == 2, let quota = words[0], let period = words[1], period > 0, quota > 0
    else { return nil }
    return (quota + period - 1) / period
  }
}
