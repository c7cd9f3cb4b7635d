// All kernels for one instruction set, and their table. Including files define NAME(x), VECTOR_WIDTH, PANEL_VECTORS,
// HAS_F16C and ISA_NAME; the loops are plain C on the compiler's vectors, so that they are written once.

#include "body_vector.h"
#include "body_gemm.h"
#include "body_rows.h"
#include "body_rearrange.h"

const ck_kernels NAME(kernels) = {
    .name = ISA_NAME,
    .vector_width = W,
    .panel_width = PANEL,
    .pack_transposed = NAME(pack_transposed),
    .pack = NAME(pack),
    .gemm = NAME(gemm),
    .layer_norm = NAME(layer_norm),
    .softmax_numerators = NAME(softmax_numerators),
    .scale_rows = NAME(scale_rows),
    .add_scaled = NAME(add_scaled),
    .gate_rows = NAME(gate_rows),
    .add_gated_rows = NAME(add_gated_rows),
    .rotate = NAME(rotate),
    .add_squared_distances = NAME(add_squared_distances),
    .products_and_differences = NAME(products_and_differences),
    .transpose = NAME(transpose),
    .widen = NAME(widen),
};
