// The benchmark program: how fast kernels, blocks and whole folds are on this machine. See `esmfold-bench --help`.

import Glibc

exit(Benchmark.main(Array(CommandLine.arguments.dropFirst())))
