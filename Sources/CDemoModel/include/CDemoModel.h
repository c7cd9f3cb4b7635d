// The demo model: an ordinary cache file of this program, embedded (see README.md).
#ifndef ESMFOLD_CDEMOMODEL_H
#define ESMFOLD_CDEMOMODEL_H

#include <stddef.h>

/// The first byte of the file, aligned to 64 bytes so that its tensors are aligned as in a mapped file.
const void *demo_model_bytes(void);

/// The size of the file in bytes.
size_t demo_model_size(void);

#endif
