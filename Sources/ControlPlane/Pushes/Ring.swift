/// The last so many elements of a sequence, each found by its place in the whole of it.
struct Ring<Element> {
  private let capacity: Int
  private var slots: [Element] = []
  /// How many there have been.
  private(set) var end = 0

  init(capacity: Int) { self.capacity = capacity }

  /// The places that are still there.
  var places: Range<Int> { end - slots.count..<end }

  subscript(place: Int) -> Element { slots[place % capacity] }

  /// Answers the element's place.
  @discardableResult mutating func append(_ element: Element) -> Int {
    if slots.count < capacity { slots.append(element) } else { slots[end % capacity] = element }
    end += 1
    return end - 1
  }

  /// Changes an element where it stands; one that is gone stays so.
  mutating func change(_ place: Int, _ body: (inout Element) -> Void) {
    if places.contains(place) { body(&slots[place % capacity]) }
  }
}

extension Ring: Sendable where Element: Sendable {}
