// What Scripts/package says of a build, in a header that is there while it builds, and the C library.

#include "CArguments.h"

#include <stddef.h>
#include <stdlib.h>  // which says whose library this is
#ifdef __GLIBC__
#include <gnu/libc-version.h>
#endif

#if __has_include("packaged.h")
#include "packaged.h"
#endif
#ifndef ESMFOLD_COMMIT
#define ESMFOLD_COMMIT NULL
#endif
#ifndef ESMFOLD_SWIFT
#define ESMFOLD_SWIFT NULL
#endif

const char *build_commit(void) { return ESMFOLD_COMMIT; }
const char *build_swift_version(void) { return ESMFOLD_SWIFT; }

const char *process_libc_version(void) {
#ifdef __GLIBC__
  return gnu_get_libc_version();
#else
  return NULL;
#endif
}
