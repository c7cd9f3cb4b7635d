// The fuzzing program: feeds the readers of files damaged and hostile input. `esmfold-fuzz --help` explains.

import Glibc

exit(FuzzCommand.main(Array(CommandLine.arguments.dropFirst())))
