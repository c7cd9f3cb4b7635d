#include "CManual.h"

static const unsigned char install_page[] = {
#embed "../CommandLineTool/Manual/install.md" suffix(, 0)
};
static const unsigned char input_page[] = {
#embed "../CommandLineTool/Manual/input.md" suffix(, 0)
};
static const unsigned char output_page[] = {
#embed "../CommandLineTool/Manual/output.md" suffix(, 0)
};
static const unsigned char report_page[] = {
#embed "../CommandLineTool/Manual/report.md" suffix(, 0)
};
static const unsigned char status_page[] = {
#embed "../CommandLineTool/Manual/status.md" suffix(, 0)
};
static const unsigned char complexes_page[] = {
#embed "../CommandLineTool/Manual/complexes.md" suffix(, 0)
};
static const unsigned char ensembles_page[] = {
#embed "../CommandLineTool/Manual/ensembles.md" suffix(, 0)
};
static const unsigned char weights_page[] = {
#embed "../CommandLineTool/Manual/weights.md" suffix(, 0)
};
static const unsigned char offline_page[] = {
#embed "../CommandLineTool/Manual/offline.md" suffix(, 0)
};
static const unsigned char language_models_page[] = {
#embed "../CommandLineTool/Manual/language-models.md" suffix(, 0)
};
static const unsigned char accuracy_page[] = {
#embed "../CommandLineTool/Manual/accuracy.md" suffix(, 0)
};
static const unsigned char speed_page[] = {
#embed "../CommandLineTool/Manual/speed.md" suffix(, 0)
};
static const unsigned char scripting_page[] = {
#embed "../CommandLineTool/Manual/scripting.md" suffix(, 0)
};
static const unsigned char clusters_page[] = {
#embed "../CommandLineTool/Manual/clusters.md" suffix(, 0)
};
static const unsigned char scale_page[] = {
#embed "../CommandLineTool/Manual/scale.md" suffix(, 0)
};
static const unsigned char environment_page[] = {
#embed "../CommandLineTool/Manual/environment.md" suffix(, 0)
};
static const unsigned char licences_page[] = {
#embed "../CommandLineTool/Manual/licences.md" suffix(, 0)
};
static const unsigned char options_page[] = {
#embed "../CommandLineTool/Manual/options.md" suffix(, 0)
};

static const struct {
  const char *name;
  const unsigned char *text;
} pages[] = {
  {"install", install_page},
  {"input", input_page},
  {"output", output_page},
  {"report", report_page},
  {"status", status_page},
  {"complexes", complexes_page},
  {"ensembles", ensembles_page},
  {"weights", weights_page},
  {"offline", offline_page},
  {"language-models", language_models_page},
  {"accuracy", accuracy_page},
  {"speed", speed_page},
  {"scripting", scripting_page},
  {"clusters", clusters_page},
  {"scale", scale_page},
  {"environment", environment_page},
  {"licences", licences_page},
  {"options", options_page},
};

size_t manual_page_count(void) { return sizeof pages / sizeof pages[0]; }

struct manual_page manual_page_at(size_t index) {
  return (struct manual_page){pages[index].name, (const char *)pages[index].text};
}
