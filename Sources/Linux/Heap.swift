private import CLinux

/// The memory that this process allocates from.
package enum Heap {
  /// Gives what was freed back to the system. The allocator by itself gives back no more than what lies at
  /// an end, and what a thread was the last to use, never. It looks at all of its memory, which takes
  /// milliseconds where there is much.
  package static func giveBack() { linux_give_back_memory() }
}
