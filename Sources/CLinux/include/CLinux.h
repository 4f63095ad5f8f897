#pragma once
// What Glibc's module map leaves out. _GNU_SOURCE is not defined here: with it, types shared with
// Swift's own Glibc module would have other member names, and the compiler refuses the two together.
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

/// accept4 with SOCK_CLOEXEC and SOCK_NONBLOCK.
int linux_accept(int listener, struct sockaddr *address, socklen_t *length);
/// pthread_setname_np for the calling thread.
int linux_name_this_thread(const char *name);
/// How many processors this process may run on; 0 where the kernel does not say.
int linux_processor_count(void);
/// Gives memory that was freed back to the system.
void linux_give_back_memory(void);
/// Starts a program, looked up in PATH, with its own signals back to normal and nothing to read. Its
/// output and complaints can be read from two new descriptors that do not block. Answers 0, or what
/// `errno` would be. `directory` may be NULL.
int linux_start(const char *program, char *const arguments[], char *const environment[],
                const char *directory, pid_t *child, int *output, int *complaints);
