private import CCurl
internal import Linux

/// The sockets and the one timer that libcurl wants watched.
final class Reactor {
  enum Ready {
    case timer
    /// A socket, and what happened to it in libcurl's bits.
    case socket(CInt, CInt)
  }

  let epoll: Epoll
  private let timer: TimerFD
  private var watched: Set<CInt> = []
  private static let timerToken = UInt64.max

  init() throws(LinuxError) {
    epoll = try Epoll()
    timer = try TimerFD()
    try epoll.add(timer.descriptor, .readable, token: Reactor.timerToken)
  }

  /// What is ready now, or after so long a wait.
  func ready(waitingUpTo patience: Duration?) -> [Ready] {
    do throws(LinuxError) {
      return try epoll.wait(timeout: patience).map { event throws(LinuxError) in
        guard event.token != Reactor.timerToken else {
          try timer.clear()
          return .timer
        }
        var bits: CInt = 0
        if event.ready.contains(.readable) { bits |= CURL_CSELECT_IN }
        if event.ready.contains(.writable) { bits |= CURL_CSELECT_OUT }
        if event.isBroken { bits |= CURL_CSELECT_ERR }
        return .socket(CInt(truncatingIfNeeded: event.token), bits)
      }
    } catch {
      preconditionFailure("an epoll of our own can be waited for: \(error)")
    }
  }

  /// Makes the list readable though no socket is.
  func wake() { setTimer(milliseconds: 0) }

  func setTimer(milliseconds: Int) {
    do throws(LinuxError) {
      try timer.set(milliseconds < 0 ? nil : .milliseconds(milliseconds))
    } catch {
      preconditionFailure("a timer of our own can be set: \(error)")
    }
  }

  /// What libcurl wants to know of a socket from now on. It owns the socket and may have closed it.
  func watch(_ socket: CInt, _ what: CInt) {
    guard what != CURL_POLL_REMOVE else {
      if watched.remove(socket) != nil { epoll.forget(borrowed: socket) }
      return
    }
    var interest: Epoll.Interest = []
    if what == CURL_POLL_IN || what == CURL_POLL_INOUT { interest.insert(.readable) }
    if what == CURL_POLL_OUT || what == CURL_POLL_INOUT { interest.insert(.writable) }
    watched.insert(socket)
    epoll.follow(borrowed: socket, interest, token: UInt64(socket))
  }
}
