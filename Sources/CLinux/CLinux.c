#define _GNU_SOURCE
#include "CLinux.h"

int linux_accept(int listener, struct sockaddr *address, socklen_t *length) {
  return accept4(listener, address, length, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

int linux_name_this_thread(const char *name) { return pthread_setname_np(pthread_self(), name); }
