// Functions of the C library that exist only in versions younger than the program may need; what is linked in asks for
// them where it was built with such a version. Scripts/package names any others that turn up.
//
// Hidden: a function that the program exports would be found before the library's, by itself, too.

#include <features.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#pragma GCC visibility push(hidden)

// Since 2.36; libstdc++ takes it for its random numbers.
unsigned int arc4random(void) {
  unsigned int value = 0;
  while (getrandom(&value, sizeof value, 0) != (ssize_t)sizeof value) {
  }
  return value;
}

#if defined(__x86_64__) || defined(__aarch64__)
// 2.35 has another one, which leaves errno alone.
__attribute__((visibility("default"))) float older_hypotf(float x, float y);
#if defined(__x86_64__)
__asm__(".symver older_hypotf,hypotf@GLIBC_2.2.5");
#else
__asm__(".symver older_hypotf,hypotf@GLIBC_2.17");
#endif
float hypotf(float x, float y) { return older_hypotf(x, y); }
#endif

#if !__GLIBC_PREREQ(2, 38)
// Since 2.38, for programs that were compiled with its headers, as the Swift runtime of a younger Debian is: the functions of
// C23, which also read binary numbers (0b1). The runtime reads settings from the environment with them.
long __isoc23_strtol(const char *text, char **end, int base) { return strtol(text, end, base); }
long long __isoc23_strtoll(const char *text, char **end, int base) { return strtoll(text, end, base); }
unsigned long __isoc23_strtoul(const char *text, char **end, int base) { return strtoul(text, end, base); }
unsigned long long __isoc23_strtoull(const char *text, char **end, int base) { return strtoull(text, end, base); }

int __isoc23_sscanf(const char *text, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int count = vsscanf(text, format, arguments);
  va_end(arguments);
  return count;
}

// Since 2.38. Weak: libdispatch brings its own where the C library that it was built with had none.
__attribute__((weak)) size_t strlcpy(char *target, const char *source, size_t size) {
  size_t length = strlen(source), copied = length < size ? length : size - 1;
  if (size == 0) return length;
  memcpy(target, source, copied);
  target[copied] = 0;
  return length;
}
#endif

#pragma GCC visibility pop
