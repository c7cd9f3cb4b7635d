"""Writes a checkpoint with the names, shapes and types of a published language model and random weights.

    "$(Scripts/python-env)" Scripts/random-language-model.py --model 650M --out DIR [--seed N]

The sizes are those of facebook/esm2_t6_8M_UR50D to esm2_t48_15B_UR50D, all float32 as published, with the language
head (its decoder tied to the embeddings), the contact head and the buffers that the published files hold. Branches add
a tenth of what they receive, so that deep models stay finite. The file is streamed; memory stays below 1 GB.
"""

from __future__ import annotations

import argparse
import json
import sys
from functools import partial
from pathlib import Path

import numpy as np
import torch
from transformers import EsmConfig, EsmForMaskedLM

from golden_family import plan
from reference_support import Distribution, Entry, draw_chunks, whole, write_safetensors

# Layers, width, heads.
SIZES = {
    "8M": (6, 320, 20),
    "35M": (12, 480, 20),
    "150M": (30, 640, 20),
    "650M": (33, 1280, 20),
    "3B": (36, 2560, 40),
    "15B": (48, 5120, 40),
}
RESIDUAL_GAIN = 0.1
POSITIONS = 1026


def configuration(size: str) -> dict:
    """config.json of the published model."""
    layers, hidden, heads = SIZES[size]
    return {
        "architectures": ["EsmForMaskedLM"],
        "attention_probs_dropout_prob": 0.0,
        "emb_layer_norm_before": False,
        "esmfold_config": None,
        "hidden_act": "gelu",
        "hidden_dropout_prob": 0.0,
        "hidden_size": hidden,
        "initializer_range": 0.02,
        "intermediate_size": 4 * hidden,
        "is_folding_model": False,
        "layer_norm_eps": 1e-05,
        "mask_token_id": 32,
        "max_position_embeddings": POSITIONS,
        "model_type": "esm",
        "num_attention_heads": heads,
        "num_hidden_layers": layers,
        "pad_token_id": 1,
        "position_embedding_type": "rotary",
        "token_dropout": True,
        "torch_dtype": "float32",
        "use_cache": True,
        "vocab_list": None,
        "vocab_size": 33,
    }


def entries(config: dict, seed: int) -> list[Entry]:
    """Every tensor of the published file."""
    with torch.device("meta"):
        model = EsmForMaskedLM(EsmConfig(**config))
    drawn = plan(model, RESIDUAL_GAIN)
    result = []
    for name, tensor in model.state_dict().items():
        if name.endswith("inv_freq") or name == "lm_head.decoder.weight":
            continue
        shape = tuple(tensor.shape)
        count = int(np.prod(shape, dtype=np.int64))
        distribution = drawn.get(name, Distribution(0.0, 0.5))
        result.append(Entry(name, shape, "float32", partial(draw_chunks, seed, name, count, distribution)))
    width = config["hidden_size"] // config["num_attention_heads"]
    frequencies = (10000.0 ** (-np.arange(0, width, 2) / width)).astype(np.float32)
    for layer in range(config["num_hidden_layers"]):
        result.append(whole(f"esm.encoder.layer.{layer}.attention.self.rotary_embeddings.inv_freq", frequencies))
    result.append(whole("esm.embeddings.position_ids", np.arange(POSITIONS, dtype=np.int64)[None]))
    return result


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", choices=SIZES, required=True)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    config = configuration(arguments.model)
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    unfinished = arguments.out / "model.safetensors.partial"
    size = write_safetensors(unfinished, entries(config, arguments.seed), {"format": "pt"})
    unfinished.rename(arguments.out / "model.safetensors")
    print(f"{arguments.out}: {size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
