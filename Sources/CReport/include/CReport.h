// The parts of a report's page, embedded in the program: a report needs nothing beside it.
#ifndef ESMFOLD_CREPORT_H
#define ESMFOLD_CREPORT_H

#include <stddef.h>

/// A part of the page.
struct report_part {
  const unsigned char *bytes;
  size_t count;
};

/// The frame, with {{marks}} for what goes into it.
struct report_part report_frame(void);

/// The style sheets one after the other.
struct report_part report_style(void);

/// The scripts one after the other, as one program.
struct report_part report_script(void);

/// The 3D viewer, packed with gzip; empty in a build without it (Scripts/fetch-viewer).
struct report_part report_viewer(void);

/// The SHA-256 of the unpacked viewer in base64; empty without it.
struct report_part report_viewer_digest(void);

/// The viewer's licence; empty without it.
struct report_part report_viewer_licence(void);

#endif
