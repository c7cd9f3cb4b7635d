"""Writes a checkpoint with the names, shapes and types of facebook/esmfold_v1 and random weights of reasonable scale.

    "$(Scripts/python-env)" Scripts/random-checkpoint.py --out DIR [--blocks N] [--pickle DIR]
        [--language-model-layers N] [--language-model-hidden N] [--language-model-dtype TYPE]

Without options: 3,525,038,915 parameters, float16 language model, float32 rest, 8.44 GB, the extra buffers of the
published file included. Every parameter is a seeded random number. Branches add a tenth of what they receive, so that 48
blocks in four passes stay finite and rounding is not amplified: its structures are nonsense, but two programs agree on
them.
The file is streamed; memory use stays far below 1 GB. `--check` loads the result with the reference and folds with it.
`--pickle DIR` saves the same with PyTorch as pytorch_model.bin, the form of the published file.
"""

from __future__ import annotations

import argparse
import collections
import json
import shutil
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from transformers import EsmForProteinFolding

from reference_support import (
    RESIDUES,
    VOCABULARY,
    Distribution,
    Entry,
    distributions,
    draw_chunks,
    fold,
    meta_model,
    whole,
    write_safetensors,
)

RESIDUAL_GAIN = 0.1
HEAD_WIDTH = 64  # of the language model
# The tokenizer's vocabulary of the published folder: the residues in the model's own order.
TOKENIZER_VOCABULARY = [*"ARNDCQEGHILKMFPSTWYVX", "<pad>", "<mask>", "<cls>", "<sep>", "<eos>"]


def configuration(blocks: int, layers: int, hidden: int) -> dict:
    """config.json of facebook/esmfold_v1, with the trunk's and the language model's size replaced."""
    return {
        "architectures": ["EsmForProteinFolding"],
        "attention_probs_dropout_prob": 0.0,
        "classifier_dropout": None,
        "emb_layer_norm_before": False,
        "esmfold_config": {
            "bypass_lm": False,
            "embed_aa": True,
            "esm_ablate_pairwise": False,
            "esm_ablate_sequence": False,
            "esm_input_dropout": 0,
            "esm_type": "esm2_3B",
            "fp16_esm": False,
            "lddt_head_hid_dim": 128,
            "trunk": {
                "chunk_size": None,
                "cpu_grad_checkpoint": False,
                "dropout": 0,
                "layer_drop": 0,
                "max_recycles": 4,
                "num_blocks": blocks,
                "pairwise_head_width": 32,
                "pairwise_state_dim": 128,
                "position_bins": 32,
                "sequence_head_width": 32,
                "sequence_state_dim": 1024,
                "structure_module": {
                    "dropout_rate": 0.1,
                    "epsilon": 1e-08,
                    "inf": 100000.0,
                    "ipa_dim": 16,
                    "num_angles": 7,
                    "num_blocks": 8,
                    "num_heads_ipa": 12,
                    "num_qk_points": 4,
                    "num_resnet_blocks": 2,
                    "num_transition_layers": 1,
                    "num_v_points": 8,
                    "pairwise_dim": 128,
                    "resnet_dim": 128,
                    "sequence_dim": 384,
                    "trans_scale_factor": 10,
                },
            },
            "use_esm_attn_map": False,
        },
        "hidden_act": "gelu",
        "hidden_dropout_prob": 0.0,
        "hidden_size": hidden,
        "initializer_range": 0.02,
        "intermediate_size": 4 * hidden,
        "is_folding_model": True,
        "layer_norm_eps": 1e-05,
        "mask_token_id": 32,
        "max_position_embeddings": 1026,
        "model_type": "esm",
        "num_attention_heads": hidden // HEAD_WIDTH,
        "num_hidden_layers": layers,
        "pad_token_id": 1,
        "position_embedding_type": "rotary",
        "token_dropout": True,
        "torch_dtype": "float32",
        "use_cache": True,
        "vocab_list": VOCABULARY,
        "vocab_size": 33,
    }


def entries(config: dict, seed: int, language_model_dtype: str) -> Iterator[Entry]:
    """Every tensor of the published file, in the order of the model's modules."""
    model = meta_model(config)
    plan = distributions(model, RESIDUAL_GAIN)
    for name, tensor in model.state_dict().items():
        if name not in plan:
            continue  # buffers follow, as in the published file
        shape = tuple(tensor.shape)
        count = int(np.prod(shape, dtype=np.int64))
        dtype = language_model_dtype if name.startswith("esm.") else "float32"
        yield Entry(name, shape, dtype, partial(draw_chunks, seed, name, count, plan[name]))
    yield whole("af2_to_esm", np.array([VOCABULARY.index(t) for t in ["<pad>", *RESIDUES]], dtype=np.int64))
    yield whole("esm.embeddings.position_ids", np.arange(config["max_position_embeddings"], dtype=np.int64)[None])
    frequencies = 10000.0 ** (-np.arange(0, HEAD_WIDTH, 2) / HEAD_WIDTH)
    for layer in range(config["num_hidden_layers"]):
        name = f"esm.encoder.layer.{layer}.attention.self.rotary_embeddings.inv_freq"
        # Through float16, as in the published file.
        yield whole(name, frequencies.astype(np.float16).astype(language_model_dtype))


def write_checkpoint(directory: Path, config: dict, seed: int, language_model_dtype: str) -> None:
    """Writes config.json, vocab.txt and model.safetensors; the latter last, renamed into place when complete."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    (directory / "vocab.txt").write_text("\n".join(TOKENIZER_VOCABULARY))
    tensors = list(entries(config, seed, language_model_dtype))
    partial_path = directory / "model.safetensors.partial"
    size = write_safetensors(partial_path, tensors, {"format": "pt"})
    partial_path.rename(directory / "model.safetensors")
    parameters = sum(int(np.prod(t.shape)) for t in tensors if t.dtype != "int64" and not t.name.endswith("inv_freq"))
    print(f"{directory}: {len(tensors)} tensors, {parameters:,} parameters, {size:,} bytes")


def save_pickle(directory: Path, target: Path) -> None:
    """Also saves a checkpoint in PyTorch's format; the tensors stay mapped from the file."""
    target.mkdir(parents=True, exist_ok=True)
    for name in ("config.json", "vocab.txt"):
        shutil.copy(directory / name, target)
    state = collections.OrderedDict(load_file(directory / "model.safetensors"))
    partial_path = target / "pytorch_model.bin.partial"
    torch.save(state, partial_path)
    partial_path.rename(target / "pytorch_model.bin")
    print(f"{target}: {(target / 'pytorch_model.bin').stat().st_size:,} bytes")


def check(directory: Path) -> bool:
    """Loads the checkpoint with the reference, reports missing and surplus names, and folds a short sequence."""
    model, report = EsmForProteinFolding.from_pretrained(
        directory, dtype=torch.float32, attn_implementation="eager", local_files_only=True, output_loading_info=True
    )
    for kind in ("missing_keys", "unexpected_keys", "mismatched_keys"):
        print(f"{kind}: {sorted(report[kind])}")
    result = fold(model.eval(), "MKTVRQERLKSIVRILERSKEPVSGAQLAE", None)
    finite = all(bool(v.isfinite().all()) for v in result.values() if v.is_floating_point())
    alpha = result["positions"][-1, 0, :, 1]
    print(
        f"finite: {finite}, CA spread {alpha.std(0).norm():.1f} Å, largest coordinate {alpha.abs().max():.1f} Å, "
        f"s_s {result['s_s'].std():.2f}, s_z {result['s_z'].std():.2f}, "
        f"pLDDT {result['plddt'].min():.3f}-{result['plddt'].max():.3f}, pTM {float(result['ptm']):.3f}"
    )
    return finite and not report["missing_keys"] and not report["mismatched_keys"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--blocks", type=int, default=48, help="blocks of the trunk (default: 48)")
    parser.add_argument("--language-model-layers", type=int, default=36, help="its layers (default: 36)")
    parser.add_argument("--language-model-hidden", type=int, default=2560, help="its width, a multiple of 64 (default: 2560)")
    parser.add_argument("--language-model-dtype", choices=("float16", "float32"), default="float16")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--pickle", type=Path, metavar="DIR", help="also write the checkpoint as pytorch_model.bin into this folder")
    parser.add_argument("--check", action="store_true", help="load it with the reference and fold with it")
    arguments = parser.parse_args()
    if arguments.language_model_hidden <= 0 or arguments.language_model_hidden % HEAD_WIDTH:
        parser.error(f"--language-model-hidden: {arguments.language_model_hidden} is not a multiple of {HEAD_WIDTH}")
    start = time.monotonic()
    config = configuration(arguments.blocks, arguments.language_model_layers, arguments.language_model_hidden)
    write_checkpoint(arguments.out, config, arguments.seed, arguments.language_model_dtype)
    if arguments.pickle:
        save_pickle(arguments.out, arguments.pickle)
    print(f"{time.monotonic() - start:.1f} s")
    return 0 if not arguments.check or check(arguments.out) else 1


if __name__ == "__main__":
    sys.exit(main())
