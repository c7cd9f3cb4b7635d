// Creates the embedded model: `esmfold-demo-model FOLDER FILE.h5` imports FOLDER/config.json and
// FOLDER/model.safetensors with every float as float16. The same input gives the same bytes: what depends on place and
// the time is recorded as given here. A separate program, because `esmfold` cannot be built without the file.

import Checkpoints
import Glibc
import Tensors

func end(_ status: Int32, saying sentence: String) -> Never {
  var line = sentence + "\n"
  line.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
  exit(status)
}

let words = CommandLine.arguments.dropFirst()
guard words.count == 2, let source = words.first, let target = words.last else {
  end(2, saying: "usage: esmfold-demo-model FOLDER FILE.h5")
}
do {
  var importer = Importer(try ModelSource(source), modelName: "demo", program: "esmfold 0.1.0")
  importer.floatType = .float16
  importer.recordedSource = "demo-model"
  importer.recordedTime = "2026-01-01T00:00:00Z"
  try importer.run(to: target)
} catch {
  end(1, saying: "esmfold-demo-model: \(error)")
}
