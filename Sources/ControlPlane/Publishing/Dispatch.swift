internal import Delivery

/// Which I/O thread is told what of the publisher's instructions: a thread has the catalogs of the
/// classes of its streams, and no others. Used on the compile thread.
///
/// What a catalog is made from is shared: a thread's own are the tables of names, and a class's second
/// thread costs no encoding and no copy of a body.
struct Dispatch {
  private let threadCount: Int
  private var threads: [StreamNumber: ThreadNumber] = [:]
  private var classes: [StreamNumber: ClassNumber] = [:]
  /// How many streams of a class each thread has that has its catalog.
  private var holders: [ClassNumber: [ThreadNumber: Int]] = [:]
  /// The classes that were heard of: the first word of one is all it is sent, the later are changes.
  private var known: Set<ClassNumber> = []

  init(threadCount: Int) { self.threadCount = threadCount }

  /// A stream that instructions will name.
  mutating func connected(_ stream: StreamNumber, on thread: ThreadNumber) {
    threads[stream] = thread
  }

  /// Answers what the thread forgets.
  mutating func disconnected(_ stream: StreamNumber) -> [(ThreadNumber, [Instruction])] {
    defer { threads[stream] = nil }
    return leave(stream).map { [$0] } ?? []
  }

  /// The instructions of each thread, in their order. `contents` answers all a class is sent now.
  mutating func divide(
    _ instructions: [Instruction], contents: (ClassNumber) -> CatalogUpdate?
  ) -> [(ThreadNumber, [Instruction])] {
    var divided = Array(repeating: [Instruction](), count: threadCount)
    // What a class is sent comes before whoever it is for.
    var unclaimed: [ClassNumber: CatalogUpdate] = [:]
    for instruction in instructions {
      switch instruction {
      case .update(let number, let update):
        if known.insert(number).inserted { unclaimed[number] = update }
        for thread in holders(of: number) { divided[thread].append(instruction) }
      case .assign(let stream, let number):
        guard let thread = threads[stream] else { continue }
        let gone = leave(stream)
        if holders[number]?[thread] == nil,
          let update = unclaimed[number] ?? contents(number)
        {
          divided[thread].append(.update(number, update))
        }
        classes[stream] = number
        holders[number, default: [:]][thread, default: 0] += 1
        divided[thread].append(instruction)
        if let (thread, forgets) = gone { divided[thread] += forgets }
      case .drop(let number):
        for thread in holders(of: number) { divided[thread].append(instruction) }
        holders[number] = nil
        known.remove(number)
      }
    }
    return divided.enumerated().filter { !$0.element.isEmpty }.map { ($0.offset, $0.element) }
  }

  private func holders(of number: ClassNumber) -> [ThreadNumber] {
    holders[number].map { Array($0.keys) } ?? []
  }

  private mutating func leave(_ stream: StreamNumber) -> (ThreadNumber, [Instruction])? {
    guard let number = classes.removeValue(forKey: stream), let thread = threads[stream],
      let count = holders[number]?[thread]
    else { return nil }
    holders[number]?[thread] = count == 1 ? nil : count - 1
    guard count == 1 else { return nil }
    if holders[number]?.isEmpty == true { holders[number] = nil }
    return (thread, [.drop(number)])
  }
}
