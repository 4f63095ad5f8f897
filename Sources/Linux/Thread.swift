private import CLinux
private import Glibc

/// A thread of the system with a name that `top -H` and a debugger show. It runs its body once; its
/// owner joins it.
@safe package final class Thread: Sendable {
  private let handle: pthread_t
  private let joined = Lock(false)

  /// Starts `body` at once. The name is cut to 15 bytes, which is what Linux keeps.
  package init(name: String, _ body: @escaping @Sendable () -> Void) throws(LinuxError) {
    let start = unsafe Unmanaged.passRetained(Start(name: String(name.prefix(15)), body: body))
    var handle = pthread_t()
    let code = unsafe pthread_create(&handle, nil, { unsafe Thread.main($0) }, start.toOpaque())
    guard code == 0 else {
      unsafe start.release()
      throw LinuxError("start thread \(name)", code: code)
    }
    self.handle = handle
  }

  /// Waits until the body has returned. A second call returns at once.
  package func join() {
    let isFirst = joined.withLock { joined in
      defer { joined = true }
      return !joined
    }
    guard isFirst else { return }
    let code = pthread_join(handle, nil)
    precondition(code == 0, "a thread is joined once, and not by itself")
  }

  deinit {
    if !joined.withLock({ $0 }) { pthread_detach(handle) }
  }

  private final class Start: Sendable {
    let name: String
    let body: @Sendable () -> Void
    init(name: String, body: @escaping @Sendable () -> Void) {
      self.name = name
      self.body = body
    }
  }

  private static func main(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context = unsafe context else { return nil }
    let start = unsafe Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
    // A thread without a name works as well as one with.
    _ = unsafe linux_name_this_thread(start.name)
    start.body()
    return nil
  }
}
