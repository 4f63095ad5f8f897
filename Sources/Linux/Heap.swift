private import CLinux

/// The memory that this process allocates from. jemalloc, linked in, stands in for libc's allocator:
/// what one thread reads, another keeps and a third lets go of costs less there, and leaves fewer pages
/// half used.
package enum Heap {
  /// Gives what was freed back to the system. The allocator does so by itself in the seconds after, and
  /// only while something is allocated. It takes milliseconds where there is much.
  package static func giveBack() { linux_give_back_memory() }
}
