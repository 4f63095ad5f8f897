/// An optional value kept beside its owner: one word there, whether it is set or not. For settings
/// that are large and that most objects do without.
///
/// Inlinable, since what is generic is otherwise not made for the values that other modules use it with.
@propertyWrapper
package struct Boxed<Value: Hashable & Sendable>: Hashable, Sendable {
  @usableFromInline final class Box: Hashable, Sendable {
    @usableFromInline let value: Value
    @inlinable init(_ value: Value) { self.value = value }
    @inlinable static func == (a: Box, b: Box) -> Bool { a === b || a.value == b.value }
    @inlinable func hash(into hasher: inout Hasher) { hasher.combine(value) }
  }

  @usableFromInline var box: Box?

  @inlinable package init(wrappedValue: Value?) {
    if let wrappedValue { box = Box(wrappedValue) } else { box = nil }
  }

  @inlinable package var wrappedValue: Value? {
    get { box?.value }
    set {
      if let newValue { box = Box(newValue) } else { box = nil }
    }
  }

  /// What is beside its owner, to be had by others without another copy.
  @inlinable package var projectedValue: Self {
    get { self }
    set { self = newValue }
  }

  @inlinable package var isSet: Bool { box != nil }

  /// This where it is set, else the other.
  @inlinable package func or(_ other: Self) -> Self { isSet ? self : other }
}

extension Boxed: CustomReflectable {
  /// That of the optional it stands for.
  package var customMirror: Mirror { Mirror(reflecting: wrappedValue as Any) }
}
