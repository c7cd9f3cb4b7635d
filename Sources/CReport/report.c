#include "CReport.h"

static const unsigned char frame[] = {
#embed "../Report/Page/report.html"
};

static const unsigned char style[] = {
#embed "../Report/Page/page.css" suffix(,)
  '\n',
#embed "../Report/Page/index.css" suffix(,)
  '\n',
#embed "../Report/Page/protein.css"
};

static const unsigned char script[] = {
#embed "../Report/Page/base.js" suffix(,)
  '\n',
#embed "../Report/Page/data.js" suffix(,)
  '\n',
#embed "../Report/Page/plots.js" suffix(,)
  '\n',
#embed "../Report/Page/table.js" suffix(,)
  '\n',
#embed "../Report/Page/index-page.js" suffix(,)
  '\n',
#embed "../Report/Page/selection.js" suffix(,)
  '\n',
#embed "../Report/Page/viewer.js" suffix(,)
  '\n',
#embed "../Report/Page/structure.js" suffix(,)
  '\n',
#embed "../Report/Page/sequence.js" suffix(,)
  '\n',
#embed "../Report/Page/confidence-plot.js" suffix(,)
  '\n',
#embed "../Report/Page/error-map.js" suffix(,)
  '\n',
#embed "../Report/Page/protein-page.js" suffix(,)
  '\n',
#embed "../Report/Page/main.js"
};

// The viewer is a library that is not part of this project: Scripts/fetch-viewer puts it there.
#if __has_embed("viewer/viewer.js.gz") == __STDC_EMBED_FOUND__ && \
  __has_embed("viewer/viewer.sha256") == __STDC_EMBED_FOUND__ && \
  __has_embed("viewer/licence.txt") == __STDC_EMBED_FOUND__
#define HAS_VIEWER 1
static const unsigned char viewer[] = {
#embed "viewer/viewer.js.gz"
};
static const unsigned char viewer_digest[] = {
#embed "viewer/viewer.sha256"
};
static const unsigned char viewer_licence[] = {
#embed "viewer/licence.txt"
};
#endif

#define PART(array) ((struct report_part){array, sizeof array})

struct report_part report_frame(void) { return PART(frame); }
struct report_part report_style(void) { return PART(style); }
struct report_part report_script(void) { return PART(script); }

#ifdef HAS_VIEWER
struct report_part report_viewer(void) { return PART(viewer); }
struct report_part report_viewer_digest(void) { return PART(viewer_digest); }
struct report_part report_viewer_licence(void) { return PART(viewer_licence); }
#else
struct report_part report_viewer(void) { return (struct report_part){0, 0}; }
struct report_part report_viewer_digest(void) { return (struct report_part){0, 0}; }
struct report_part report_viewer_licence(void) { return (struct report_part){0, 0}; }
#endif
