import Segments
import Testing

@testable import GRPC

@Suite struct MessageReaderTests {
  /// A client that repeats thousands of names in each of its answers has no room for them between two.
  @Test func aMessageThatWasTakenLeavesNoRoomBehind() throws {
    var reader = MessageReader(encoding: .identity, maxMessageBytes: 1 << 20)
    let message = MessageReader.framed(Rope([UInt8](repeating: 3, count: 300_000))).flattened()
    for _ in 0..<3 {
      for start in stride(from: 0, to: message.count, by: 1 << 16) {
        #expect(try reader.next() == nil)
        reader.append(Array(message[start..<min(start + 1 << 16, message.count)]))
      }
      #expect(try reader.next()?.count == 300_000)
      #expect(try reader.next() == nil)
      #expect(reader.roomBytes == 0)
    }
    reader.append(Array(message[..<1000]))
    #expect(try reader.next() == nil)
    #expect(reader.unfinishedBytes == 1000)
  }
}
