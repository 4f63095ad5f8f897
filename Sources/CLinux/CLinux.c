#define _GNU_SOURCE
#include "CLinux.h"
#include <errno.h>
#include <fcntl.h>
#include <jemalloc/jemalloc.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

int linux_accept(int listener, struct sockaddr *address, socklen_t *length) {
  return accept4(listener, address, length, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

int linux_name_this_thread(const char *name) { return pthread_setname_np(pthread_self(), name); }

int linux_processor_count(void) {
  cpu_set_t processors;
  if (sched_getaffinity(0, sizeof processors, &processors) != 0) return 0;
  return CPU_COUNT(&processors);
}

#define TEXT_OF(x) #x
#define ALL_ARENAS(x) "arena." TEXT_OF(x) ".purge"

void linux_give_back_memory(void) {
  // It fails where there is nothing of this thread's own, which is as good.
  mallctl("thread.tcache.flush", NULL, NULL, NULL, 0);
  mallctl(ALL_ARENAS(MALLCTL_ARENAS_ALL), NULL, NULL, NULL, 0);
}

static int spawn(const char *program, char *const arguments[], char *const environment[],
                 const char *directory, pid_t *child, int output, int complaints) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t none;
  sigemptyset(&none);
  int code = posix_spawn_file_actions_init(&actions);
  if (code != 0) return code;
  code = posix_spawnattr_init(&attributes);
  if (code != 0) {
    posix_spawn_file_actions_destroy(&actions);
    return code;
  }
  // This process has signals blocked that its children must hear.
  if (code == 0) code = posix_spawnattr_setsigmask(&attributes, &none);
  if (code == 0) {
    code = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  }
  if (code == 0) code = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  if (code == 0) code = posix_spawn_file_actions_adddup2(&actions, output, 1);
  if (code == 0) code = posix_spawn_file_actions_adddup2(&actions, complaints, 2);
  if (code == 0 && directory) code = posix_spawn_file_actions_addchdir_np(&actions, directory);
  if (code == 0) code = posix_spawnp(child, program, &actions, &attributes, arguments, environment);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return code;
}

int linux_start(const char *program, char *const arguments[], char *const environment[],
                const char *directory, pid_t *child, int *output, int *complaints) {
  int out[2], err[2];
  if (pipe2(out, O_CLOEXEC) != 0) return errno;
  if (pipe2(err, O_CLOEXEC) != 0) {
    int code = errno;
    close(out[0]);
    close(out[1]);
    return code;
  }
  int code = spawn(program, arguments, environment, directory, child, out[1], err[1]);
  close(out[1]);
  close(err[1]);
  if (code == 0) {
    fcntl(out[0], F_SETFL, O_NONBLOCK);
    fcntl(err[0], F_SETFL, O_NONBLOCK);
    *output = out[0];
    *complaints = err[0];
  } else {
    close(out[0]);
    close(err[0]);
  }
  return code;
}
