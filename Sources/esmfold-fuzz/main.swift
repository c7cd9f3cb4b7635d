// The fuzzing program: feeds damaged and hostile input to the file readers. See `esmfold-fuzz --help`.

import Glibc

exit(FuzzCommand.main(Array(CommandLine.arguments.dropFirst())))
