// The arguments of this process without /proc, from which Swift's `CommandLine` reads them on Linux: it has none where that
// is not mounted. The C library passes them to constructors, too.

#include "CArguments.h"

#include <stddef.h>

static int count;
static char *const *words;

__attribute__((constructor)) static void keep(int argument_count, char **arguments) {
  count = argument_count;
  words = arguments;
}

int process_argument_count(void) { return count; }

const char *process_argument(int number) { return number >= 0 && number < count ? words[number] : NULL; }
