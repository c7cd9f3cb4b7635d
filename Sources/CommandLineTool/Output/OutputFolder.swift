// The folder of results: created with its parents, and tried before the work begins.

import Glibc
package import Platform

package enum OutputFolder {
  /// Create a folder with its parents if necessary, and make sure that files can be created in it.
  ///
  /// A trial file is created because permissions are not enough: the superuser passes every check, and some file
  /// systems refuse new files anyway.
  ///
  /// - Throws: `OutputError` when the folder cannot be created or nothing can be created in it.
  package static func prepare(_ path: String, _ registry: TemporaryFiles) throws(OutputError) {
    do throws(SystemError) {
      try Folder.create(path)
    } catch {
      let action = error.code == ENOTDIR ? "use as a folder for results" : "create the output folder"
      throw .system(error.renamed(path: error.path, action: action))
    }
    do throws(SystemError) {
      try UnfinishedFile(for: path + "/esmfold", in: registry).discard()
    } catch {
      throw .system(error.renamed(path: path, action: "create files in this folder"))
    }
  }
}
