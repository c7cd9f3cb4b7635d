// What the system gives this process and the build says of itself.

#ifndef CARGUMENTS_H
#define CARGUMENTS_H

/// How many arguments there are, the program's name included.
int process_argument_count(void);

/// One of them, which may hold any bytes; NULL beyond the last.
const char *process_argument(int number);

/// The version of the C library that runs, "2.36"; NULL where it has no number.
const char *process_libc_version(void);

/// The commit that the program was built from, and the version of the Swift compiler; NULL unless `Scripts/package` built it.
const char *build_commit(void);
const char *build_swift_version(void);

#endif
