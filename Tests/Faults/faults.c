// A library to put before the C library (LD_PRELOAD): it counts the calls that change or map files below a folder and lets
// one of them fail, as a full or broken disk does. `FaultTests` compiles it and runs the program with it.
//
//   FAULT_FOLDER  an absolute path; only files below it count
//   FAULT_LOG     a file for a line with the name and path of each call
//   FAULT_NUMBER  which call fails, counted from 1; 0 for none
//   FAULT_KIND    ENOSPC, EIO, EINTR: fails with this error; SHORT: a write that does half; FULL: from here on everything
//                 that needs room fails with ENOSPC; KILL: the process is killed before it
//   FAULT_THREADS set: no thread can be created, whatever the other variables say
//   FAULT_LOCKS   set: no file can be locked, whatever the other variables say

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long calls;

enum verdict { PASS, FAIL, HALF };

static int is_below(const char *path) {
  const char *folder = getenv("FAULT_FOLDER");
  size_t length = folder ? strlen(folder) : 0;
  return path && length && strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == 0);
}

static void note(long number, const char *name, const char *path) {
  const char *log = getenv("FAULT_LOG");
  if (!log) return;
  int descriptor = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (descriptor < 0) return;
  char line[5000];
  int count = snprintf(line, sizeof line, "%ld %s %s\n", number, name, path);
  if (count > 0) syscall(SYS_write, descriptor, line, count < (int)sizeof line ? count : (int)sizeof line - 1);
  syscall(SYS_close, descriptor);
}

/// What becomes of a call on `path`; sets errno. `needs_room` calls fail on a full disk.
static enum verdict judge(const char *name, const char *path, int needs_room) {
  if (!is_below(path)) return PASS;
  const char *wanted = getenv("FAULT_NUMBER"), *kind = getenv("FAULT_KIND");
  long number = wanted ? atol(wanted) : 0;
  pthread_mutex_lock(&lock);
  long own = ++calls;
  note(own, name, path);
  pthread_mutex_unlock(&lock);
  if (!kind || number <= 0) return PASS;
  if (strcmp(kind, "FULL") == 0) {
    if (own < number || !needs_room) return PASS;
    errno = ENOSPC;
    return FAIL;
  }
  if (own != number) return PASS;
  if (strcmp(kind, "KILL") == 0) raise(SIGKILL);
  if (strcmp(kind, "SHORT") == 0) return HALF;
  errno = strcmp(kind, "EIO") == 0 ? EIO : strcmp(kind, "EINTR") == 0 ? EINTR : ENOSPC;
  return FAIL;
}

static enum verdict judge_descriptor(const char *name, int descriptor, int needs_room) {
  char link[64], path[4096];
  int saved = errno;
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t count = readlink(link, path, sizeof path - 1);
  errno = saved;
  if (count <= 0) return PASS;
  path[count] = 0;
  return judge(name, path, needs_room);
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int descriptor, const void *bytes, size_t count) {
  enum verdict verdict = judge_descriptor("write", descriptor, 1);
  if (verdict == FAIL) return -1;
  return NEXT(write)(descriptor, bytes, verdict == HALF ? (count + 1) / 2 : count);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
  enum verdict verdict = judge_descriptor("pwrite", descriptor, 1);
  if (verdict == FAIL) return -1;
  return NEXT(pwrite)(descriptor, bytes, verdict == HALF ? (count + 1) / 2 : count, offset);
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t offset) {
  enum verdict verdict = judge_descriptor("pwrite", descriptor, 1);
  if (verdict == FAIL) return -1;
  return NEXT(pwrite64)(descriptor, bytes, verdict == HALF ? (count + 1) / 2 : count, offset);
}

#define ON_DESCRIPTOR(name, parameters, arguments, needs_room)                       \
  int name parameters {                                                              \
    if (judge_descriptor(#name, descriptor, needs_room) == FAIL) return -1;          \
    return NEXT(name) arguments;                                                     \
  }

ON_DESCRIPTOR(ftruncate, (int descriptor, off_t length), (descriptor, length), 0)
ON_DESCRIPTOR(ftruncate64, (int descriptor, off64_t length), (descriptor, length), 0)
ON_DESCRIPTOR(fsync, (int descriptor), (descriptor), 0)
ON_DESCRIPTOR(fdatasync, (int descriptor), (descriptor), 0)
ON_DESCRIPTOR(fallocate, (int descriptor, int mode, off_t offset, off_t length), (descriptor, mode, offset, length), 1)

int rename(const char *from, const char *to) {
  if (judge("rename", to, 0) == FAIL) return -1;
  return NEXT(rename)(from, to);
}

int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags) {
  if (judge("rename", to, 0) == FAIL) return -1;
  return NEXT(renameat2)(from_folder, from, to_folder, to, flags);
}

int mkdir(const char *path, mode_t mode) {
  if (judge("mkdir", path, 1) == FAIL) return -1;
  return NEXT(mkdir)(path, mode);
}

void *mmap(void *address, size_t length, int protection, int flags, int descriptor, off_t offset) {
  if (descriptor >= 0 && judge_descriptor("mmap", descriptor, 0) == FAIL) return MAP_FAILED;
  return NEXT(mmap)(address, length, protection, flags, descriptor, offset);
}

void *mmap64(void *address, size_t length, int protection, int flags, int descriptor, off64_t offset) {
  if (descriptor >= 0 && judge_descriptor("mmap", descriptor, 0) == FAIL) return MAP_FAILED;
  return NEXT(mmap64)(address, length, protection, flags, descriptor, offset);
}

#define OPEN(name, parameters, arguments)                                            \
  int name parameters {                                                              \
    mode_t mode = 0;                                                                 \
    if (flags & (O_CREAT | O_TMPFILE)) {                                             \
      va_list list;                                                                  \
      va_start(list, flags);                                                         \
      mode = va_arg(list, mode_t);                                                   \
      va_end(list);                                                                  \
    }                                                                                \
    if (judge(flags & O_CREAT ? "create" : "open", path, (flags & O_CREAT) != 0) == FAIL) return -1; \
    return NEXT(name) arguments;                                                     \
  }

OPEN(open, (const char *path, int flags, ...), (path, flags, mode))
OPEN(open64, (const char *path, int flags, ...), (path, flags, mode))
OPEN(openat, (int folder, const char *path, int flags, ...), (folder, path, flags, mode))
OPEN(openat64, (int folder, const char *path, int flags, ...), (folder, path, flags, mode))

/// With FAULT_THREADS set the system gives no threads (`ulimit -u`, a control group's pids.max).
int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument) {
  if (getenv("FAULT_THREADS")) return EAGAIN;
  return NEXT(pthread_create)(thread, attributes, start, argument);
}

/// With FAULT_LOCKS set files have no locks, as where a Lustre is mounted without them.
#define LOCK(name)                                                                       \
  int name(int descriptor, int command, ...) {                                           \
    va_list list;                                                                        \
    va_start(list, command);                                                             \
    void *argument = va_arg(list, void *);                                               \
    va_end(list);                                                                        \
    int locks = command == F_OFD_SETLK || command == F_OFD_SETLKW || command == F_OFD_GETLK; \
    if (locks && getenv("FAULT_LOCKS")) {                                                \
      errno = ENOLCK;                                                                    \
      return -1;                                                                         \
    }                                                                                    \
    return NEXT(name)(descriptor, command, argument);                                    \
  }

LOCK(fcntl)
LOCK(fcntl64)
