// The pages of the manual, embedded in the program: what `esmfold help TOPIC` shows needs no file beside it.
#ifndef ESMFOLD_CMANUAL_H
#define ESMFOLD_CMANUAL_H

#include <stddef.h>

/// A page of Sources/CommandLineTool/Manual.
struct manual_page {
  /// The file's name without .md.
  const char *name;
  /// Its text, UTF-8, ended by a zero byte.
  const char *text;
};

/// The number of pages.
size_t manual_page_count(void);

/// A page by its place in the list, which is the order in which topics are listed.
struct manual_page manual_page_at(size_t index);

#endif
