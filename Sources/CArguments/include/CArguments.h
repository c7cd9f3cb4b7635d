// The arguments of this process as the system has given them.

#ifndef CARGUMENTS_H
#define CARGUMENTS_H

/// How many there are, the program's name included.
int process_argument_count(void);

/// One of them, which may hold any bytes; NULL beyond the last.
const char *process_argument(int number);

#endif
