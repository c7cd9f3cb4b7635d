// The folder of results: created with its parents, and tried before the work begins.

import Glibc

package enum OutputFolder {
  /// Create a folder with its parents if need be, and make sure that files can be created in it.
  ///
  /// A trial file is created because permissions alone do not tell: the superuser passes every check, and some file
  /// systems refuse new files all the same.
  ///
  /// - Throws: `OutputError` when the folder cannot be created or nothing can be created in it.
  package static func prepare(_ path: String, _ registry: TemporaryFiles) throws(OutputError) {
    try create(path)
    let trial = OutputFile(path + "/esmfold", registry)
    let descriptor = open(trial.temporaryPath, O_WRONLY | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      let code = errno
      trial.discard()
      throw .system(path: path, action: "create files in this folder", code: code)
    }
    close(descriptor)
    trial.discard()
  }

  private static func create(_ path: String) throws(OutputError) {
    var status = stat()
    if stat(path, &status) == 0 {
      if status.st_mode & S_IFMT == S_IFDIR { return }
      throw .system(path: path, action: "use as a folder for results", code: ENOTDIR)
    }
    let parent = splitPath(path).folder
    if !parent.isEmpty, parent != path, parent != "/" { try create(String(parent.dropLast())) }
    guard mkdir(path, 0o777) == 0 || errno == EEXIST else {
      throw .system(path: path, action: "create the output folder", code: errno)
    }
  }
}
