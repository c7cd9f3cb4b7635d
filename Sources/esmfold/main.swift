// The executable: everything is in CommandLineTool, so that tests can call it.

import CommandLineTool
import Glibc

exit(Tool.main())
