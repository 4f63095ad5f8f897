import Foundation
import Testing

@testable import Linux

/// A fresh directory below the system's temporary one; the caller removes it.
func freshDirectory() throws -> URL {
  let url = FileManager.default.temporaryDirectory.appending(path: "linux-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  return url
}

@Suite struct DescriptorTests {
  @Test func aDescriptorIsClosedWithItsLastOwner() throws {
    var ends: [CInt] = [0, 0]
    #expect(pipe(&ends) == 0)
    #expect(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0)
    let reader = FileDescriptor(owning: ends[0])
    var writer: FileDescriptor? = FileDescriptor(owning: ends[1])
    var buffer = [UInt8](repeating: 0, count: 8)
    #expect(try reader.read(into: &buffer) == .wouldBlock)
    #expect(try writer?.write([1, 2, 3], from: 1) == .bytes(2))
    #expect(try reader.read(into: &buffer) == .bytes(2))
    #expect(buffer.prefix(2) == [2, 3])
    writer = nil
    #expect(try reader.read(into: &buffer) == .ended)
  }

  @Test func epollReportsWhatIsReadyUntilItIsDealtWith() throws {
    let epoll = try Epoll()
    let event = try EventFD()
    try epoll.add(event.descriptor, .readable, token: 7)
    #expect(try epoll.wait(timeout: .zero).isEmpty)
    event.signal()
    event.signal()
    for _ in 0..<2 {
      let ready = try epoll.wait(timeout: nil)
      #expect(ready.map(\.token) == [7])
      #expect(ready.first?.ready == .readable)
    }
    event.clear()
    #expect(try epoll.wait(timeout: .zero).isEmpty)
    try epoll.change(event.descriptor, .writable, token: 8)
    #expect(try epoll.wait(timeout: nil).map(\.token) == [8])
    try epoll.remove(event.descriptor)
    #expect(try epoll.wait(timeout: .zero).isEmpty)
  }

  @Test func waitingIsNeverShorterThanAsked() {
    let cases: [(Duration, Int32)] = [
      (.zero, 0), (.seconds(-1), 0), (.nanoseconds(1), 1), (.milliseconds(1), 1),
      (.microseconds(1001), 2), (.seconds(2), 2000), (.seconds(1 << 40), .max),
    ]
    for (duration, milliseconds) in cases {
      #expect(Epoll.milliseconds(duration) == milliseconds, "\(duration)")
    }
  }

  @Test func errorsSayWhatWasTriedAndWhy() throws {
    let inotify = try Inotify()
    let error = #expect(throws: LinuxError.self) {
      try inotify.watch("/nowhere/at/all", for: .modified)
    }
    #expect(error?.description == "cannot watch /nowhere/at/all: No such file or directory")
    #expect(error?.isNotFound == true)
  }

  @Test func inotifyNamesWhatHappened() throws {
    let folder = try freshDirectory()
    defer { try? FileManager.default.removeItem(at: folder) }
    let inotify = try Inotify()
    let watch = try inotify.watch(
      folder.path, for: [.created, .closedAfterWrite, .movedFrom, .movedTo, .deleted])
    let epoll = try Epoll()
    try epoll.add(inotify.descriptor, .readable, token: 0)
    #expect(try inotify.events() == [])

    let file = folder.appending(path: "größe.yaml")
    try Data("a".utf8).write(to: file)
    try FileManager.default.moveItem(at: file, to: folder.appending(path: "b"))
    try FileManager.default.createDirectory(
      at: folder.appending(path: "sub"), withIntermediateDirectories: false)
    _ = try epoll.wait(timeout: nil)
    let events = try inotify.events()
    #expect(events.allSatisfy { $0.watch == watch })
    #expect(events.map(\.name) == ["größe.yaml", "größe.yaml", "größe.yaml", "b", "sub"])
    #expect(
      events.map(\.changes) == [
        .created, .closedAfterWrite, .movedFrom, .movedTo, [.created, .isDirectory],
      ])
    #expect(events[2].cookie == events[3].cookie && events[2].cookie != 0)
    inotify.stop(watch)
    #expect(try inotify.events().map(\.changes) == [.watchEnded])
  }
}

@Suite struct ThreadTests {
  @Test func whatThreadsPostArrivesInOrderAndOnce() throws {
    let inbox = try Inbox<(thread: Int, step: Int)>(limit: 100_000)
    let threads = try (0..<4).map { thread in
      try Linux.Thread(name: "poster-\(thread)-with-a-long-name") {
        for step in 0..<1000 { precondition(inbox.post((thread, step))) }
      }
    }
    let epoll = try Epoll()
    try epoll.add(inbox.descriptor, .readable, token: 0)
    var seen = [[Int]](repeating: [], count: 4)
    while seen.reduce(0, { $0 + $1.count }) < 4000 {
      _ = try epoll.wait(timeout: nil)
      for message in inbox.takeAll() { seen[message.thread].append(message.step) }
    }
    for thread in threads { thread.join() }
    #expect(seen == [[Int]](repeating: Array(0..<1000), count: 4))
    #expect(try epoll.wait(timeout: .zero).isEmpty)
  }

  @Test func oneMessageWakesItsReaderOnce() throws {
    let inbox = try Inbox<Int>(limit: 10)
    let epoll = try Epoll()
    try epoll.add(inbox.descriptor, .readable, token: 5)
    for round in 0..<3 {
      #expect(try epoll.wait(timeout: .zero).isEmpty)
      #expect(inbox.post(round))
      #expect(try epoll.wait(timeout: .zero).map(\.token) == [5])
      #expect(inbox.takeAll() == [round])
    }
  }

  @Test func aFullInboxSaysSo() throws {
    let inbox = try Inbox<Int>(limit: 2)
    #expect([inbox.post(1), inbox.post(2), inbox.post(3)] == [true, true, false])
    #expect(inbox.takeAll() == [1, 2])
    #expect(inbox.post(4))
    #expect(inbox.takeAll() == [4])
  }

  @Test func aClosedInboxLetsGoOfWhatItHasAndWhatComes() throws {
    final class Message: Sendable {}
    let inbox = try Inbox<Message>(limit: 1)
    weak var waiting: Message?
    do {
      let message = Message()
      waiting = message
      #expect(inbox.post(message))
    }
    #expect(waiting != nil)
    inbox.close()
    #expect(waiting == nil)
    #expect(inbox.post(Message()) && inbox.post(Message()))
    #expect(inbox.takeAll().isEmpty)
  }

  @Test func aLockLetsOneInAtATime() throws {
    let total = Lock(0)
    let threads = try (0..<4).map { _ in
      try Linux.Thread(name: "adder") {
        for _ in 0..<10_000 { total.withLock { $0 += 1 } }
      }
    }
    for thread in threads { thread.join() }
    #expect(total.withLock { $0 } == 40_000)
  }

  @Test func aThreadCarriesItsName() throws {
    let name = Lock("")
    try Linux.Thread(name: "compile") {
      let path = "/proc/thread-self/comm"
      let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
      name.withLock { $0 = text }
    }.join()
    #expect(name.withLock { $0 } == "compile\n")
  }
}

@Suite struct SignalTests {
  /// The signals are sent to the thread that reads them, so other tests do not see them.
  @Test func signalsAreReadInsteadOfEndingTheProcess() throws {
    let taken = Lock<[Signal]>([])
    try Linux.Thread(name: "signals") {
      do {
        let signals = try SignalDescriptor([.terminate, .interrupt])
        pthread_kill(pthread_self(), SIGTERM)
        pthread_kill(pthread_self(), SIGINT)
        let all = try signals.takeAll() + signals.takeAll()
        taken.withLock { $0 = all }
      } catch {
        Issue.record(error)
      }
    }.join()
    #expect(taken.withLock { $0 } == [.interrupt, .terminate])
  }
}
