// The benchmark program: how fast kernels, blocks and whole folds are on this machine. `esmfold-bench --help` explains.

import Glibc

exit(Benchmark.main(Array(CommandLine.arguments.dropFirst())))
