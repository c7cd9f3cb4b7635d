// All kernels for one instruction set, and their table. Including files define NAME(x), VECTOR_WIDTH, PANEL_VECTORS,
// HAS_F16C, HAS_BF16 and ISA_NAME; the loops are plain C on the compiler's vectors, so they are written once.

#include "body_vector.h"
#include "body_gemm.h"
#include "body_rows.h"
#include "body_rearrange.h"
#include "body_bf16.h"

const ck_kernels NAME(kernels) = {
    .name = ISA_NAME,
    .vector_width = W,
    .panel_width = PANEL,
    .panel_width_bf16 = PANEL,
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
    .has_fast_bf16 = HAS_BF16,
    .narrow = NAME(narrow),
    .pack_transposed_bf16 = NAME(pack_transposed_bf16),
    .pack_bf16 = NAME(pack_bf16),
    .gemm_bf16 = NAME(gemm_bf16),
    .softmax_numerators_bf16 = NAME(softmax_numerators_bf16),
    .transpose_narrow = NAME(transpose_narrow),
    .transpose_widen = NAME(transpose_widen),
};
