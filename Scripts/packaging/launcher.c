// bin/esmfold of the tarball: starts the program with the system's C library where that is new enough, else with the
// one that lies beside the program. It is linked statically, so it runs where the program itself could not: with an
// older glibc, with musl, with no loader in the usual place.
//
// Scripts/package defines GLIBC_MINOR (the program needs glibc 2.GLIBC_MINOR) and LOADER (the system's place of the
// loader).

#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/// Whether the system has a loader that says a version of glibc that suffices; loaders before 2.33 say none.
static int system_suffices(void) {
  int file = open("/" LOADER, O_RDONLY | O_CLOEXEC);
  struct stat status;
  if (file < 0) return 0;
  if (fstat(file, &status) != 0 || status.st_size <= 0) return close(file), 0;
  size_t size = (size_t)status.st_size;
  const char *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, file, 0);
  close(file);
  if (bytes == MAP_FAILED) return 0;
  static const char words[] = "release version 2.";
  const char *found = memmem(bytes, size, words, sizeof words - 1);
  int minor = 0;
  if (found != NULL) {
    for (const char *digit = found + sizeof words - 1; digit < bytes + size && *digit >= '0' && *digit <= '9'; digit++) {
      if (minor < 10000) minor = 10 * minor + (*digit - '0');
    }
  }
  munmap((void *)bytes, size);
  return minor >= GLIBC_MINOR;
}

static int give_up(const char *what) {
  fprintf(stderr, "esmfold: %s\nhint: unpack the whole archive again, and keep bin and lib in one folder\n", what);
  return 127;
}

int main(int count, char **arguments) {
  const char *called = (const char *)getauxval(AT_EXECFN);
  char *self = called == NULL ? NULL : realpath(called, NULL);
  if (self == NULL) return give_up("cannot find itself");
  // The folder above bin.
  for (int level = 0; level < 2; level++) {
    char *slash = strrchr(self, '/');
    if (slash == NULL) return give_up("cannot find its folder");
    *slash = 0;
  }
  char program[PATH_MAX], folder[PATH_MAX], loader[PATH_MAX];
  const char *name = strrchr("/" LOADER, '/') + 1;
  if (snprintf(program, PATH_MAX, "%s/lib/esmfold/esmfold", self) >= PATH_MAX ||
      snprintf(folder, PATH_MAX, "%s/lib/esmfold/glibc", self) >= PATH_MAX ||
      snprintf(loader, PATH_MAX, "%s/lib/esmfold/glibc/%s", self, name) >= PATH_MAX)
    return give_up("the path of its folder is too long");
  if (system_suffices()) {
    execv(program, arguments);
    return give_up("lib/esmfold/esmfold cannot be started");
  }
  char **words = calloc((size_t)count + 7, sizeof *words);
  if (words == NULL) return give_up("out of memory");
  char *const first[] = {loader, "--library-path", folder, "--argv0", count > 0 ? arguments[0] : program, program};
  memcpy(words, first, sizeof first);
  for (int number = 1; number < count; number++) words[5 + number] = arguments[number];
  execv(loader, words);
  return give_up("its own loader in lib/esmfold/glibc cannot be started");
}
