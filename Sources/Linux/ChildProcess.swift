private import CLinux
private import Glibc

/// A program that is run for what it prints.
package enum ChildProcess {
  package enum Outcome: Hashable, Sendable {
    case printed([UInt8])
    /// It ended with another status than 0, or by a signal; the beginning of what it complained.
    case failed(status: Int32, complaint: String)
    case printedTooMuch
    case tookTooLong
  }

  /// Runs the program, looked up in PATH, with the variables on top of this process' own; it has
  /// nothing to read. What it prints is bounded by `limit`, and it is killed, with the children it has
  /// in its group, when `patience` is over. This thread waits.
  package static func output(
    of program: String, _ arguments: [String], variables: [(name: String, value: String)],
    directory: String?, limit: Int, patience: Duration
  ) throws(LinuxError) -> Outcome {
    var child: pid_t = 0
    var ends: (output: CInt, complaints: CInt) = (0, 0)
    let words = CStrings([program] + arguments)
    let environment = CStrings(
      inherited(without: variables.map(\.name))
        + variables.map { "\($0.name)=\($0.value)" })
    let code = unsafe linux_start(
      program, words.pointers, environment.pointers, directory, &child, &ends.output,
      &ends.complaints)
    guard code == 0 else { throw LinuxError("run \(program)", code: code) }
    let running = Running(
      child: child, output: FileDescriptor(owning: ends.output),
      complaints: FileDescriptor(owning: ends.complaints))
    return try running.outcome(limit: limit, until: .now + patience)
  }

  private static func inherited(without names: [String]) -> [String] {
    var all: [String] = []
    var entry = unsafe environ
    while let line = unsafe entry.pointee {
      let text = unsafe String(cString: line)
      if !names.contains(String(text.prefix { $0 != "=" })) { all.append(text) }
      unsafe entry += 1
    }
    return all
  }

  private struct Running {
    let child: pid_t
    let output: FileDescriptor
    let complaints: FileDescriptor

    func outcome(
      limit: Int, until deadline: ContinuousClock.Instant
    ) throws(LinuxError) -> Outcome {
      let epoll = try Epoll()
      var open: [UInt64: FileDescriptor] = [0: output, 1: complaints]
      for (token, descriptor) in open { try epoll.add(descriptor, .readable, token: token) }
      var read: [UInt64: [UInt8]] = [0: [], 1: []]
      var buffer = [UInt8](repeating: 0, count: 16 << 10)
      while !open.isEmpty {
        let left = deadline - .now
        guard left > .zero else { return end(.tookTooLong) }
        for event in try epoll.wait(timeout: left) {
          guard let descriptor = open[event.token] else { continue }
          switch try descriptor.read(into: &buffer) {
          case .bytes(let count): read[event.token, default: []] += buffer[..<count]
          case .wouldBlock: break
          case .ended:
            try epoll.remove(descriptor)
            open[event.token] = nil
          }
        }
        guard read[0, default: []].count <= limit, read[1, default: []].count <= limit else {
          return end(.printedTooMuch)
        }
      }
      return finished(printed: read[0] ?? [], complaint: read[1] ?? [])
    }

    /// It is done printing, and so is given a moment to end.
    private func finished(printed: [UInt8], complaint: [UInt8]) -> Outcome {
      var status: CInt = 0
      for _ in 0..<100 {
        guard unsafe waitpid(child, &status, WNOHANG) == 0 else {
          if status == 0 { return .printed(printed) }
          let text = String(decoding: complaint.prefix(300), as: UTF8.self)
          let code = status & 0x7F == 0 ? status >> 8 & 0xFF : -(status & 0x7F)
          return .failed(status: code, complaint: text)
        }
        pause(.milliseconds(10))
      }
      return end(.tookTooLong)
    }

    private func end(_ outcome: Outcome) -> Outcome {
      kill(-child, SIGKILL)
      var status: CInt = 0
      unsafe waitpid(child, &status, 0)
      return outcome
    }
  }
}

/// An array of C strings that ends in NULL, for as long as it is held.
@safe private final class CStrings {
  private(set) var pointers: [UnsafeMutablePointer<CChar>?]

  init(_ texts: [String]) { unsafe pointers = texts.map { unsafe strdup($0) } + [nil] }

  deinit {
    for index in unsafe pointers.indices { unsafe free(pointers[index]) }
  }
}
