// Functions of the C library that exist only in versions younger than the program may need; what is linked in asks for
// them where it was built with such a version. Scripts/package names any others that turn up.

#include <sys/random.h>

// Since 2.36; libstdc++ takes it for its random numbers.
unsigned int arc4random(void) {
  unsigned int value = 0;
  while (getrandom(&value, sizeof value, 0) != (ssize_t)sizeof value) {
  }
  return value;
}

#if defined(__x86_64__)
// 2.35 has another one, which leaves errno alone.
float older_hypotf(float x, float y);
__asm__(".symver older_hypotf,hypotf@GLIBC_2.2.5");
float hypotf(float x, float y) { return older_hypotf(x, y); }
#endif
