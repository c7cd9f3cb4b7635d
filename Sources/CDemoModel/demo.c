#include "CDemoModel.h"

alignas(64) static const unsigned char demo_model[] = {
#embed "demo.h5"
};

const void *demo_model_bytes(void) { return demo_model; }

size_t demo_model_size(void) { return sizeof demo_model; }
