"""Writes Tests/Fixtures/torch: checkpoints as PyTorch, fair-esm and attackers write them, and their contents.

    "$(Scripts/python-env)" Scripts/torch-fixtures.py

Valid files come from torch.save itself, the values of the language models from fair-esm, which loads the very files
written here, those of the folding model from transformers. The files in hostile/ are made by torch_hostile.py. The files are
under version control; run this only to change them.
"""

from __future__ import annotations

import argparse
import collections
import json
import shutil
import types
import zipfile
from pathlib import Path

import esm
import numpy as np
import torch
from esm.model.esm1 import ProteinBertModel
from esm.model.esm2 import ESM2
from omegaconf import OmegaConf
from safetensors.torch import load_file, save_file

from reference_support import Distribution, distributions, draw, fold, load_reference, meta_model, whole, write_safetensors
from torch_archives import zip64
from torch_hostile import write_hostile

OUT = Path(__file__).resolve().parent.parent / "Tests" / "Fixtures" / "torch"
FAMILY = OUT.parent / "family"
SEQUENCES = ("MKTVRQERLKSIVRILE", "GX", "MK<mask>VRQ<mask>W")


# === Every kind of tensor ===


def every_kind() -> None:
    """Views, strides, types and nesting, with the plain values beside it."""
    base = torch.arange(24, dtype=torch.float32) / 7
    values = {
        "plain": base.reshape(4, 6).clone(),
        "shared.first": base[:12].reshape(3, 4),
        "shared.second": base[8:20],
        "transposed": base.reshape(4, 6).t(),
        "steps": base[1::5],
        "permuted": torch.randn(2, 3, 4, generator=torch.Generator().manual_seed(1)).permute(2, 0, 1),
        "expanded": torch.tensor([[1.5], [2.5]]).expand(2, 3),
        "half": torch.tensor([0.5, -65504.0, 6e-8], dtype=torch.float16),
        "brain": torch.tensor([[1.0, -3.140625]], dtype=torch.bfloat16).t(),
        "long": torch.tensor([0, -1, 2**62]),
        "bool": torch.tensor([[True, False, True]]).t(),
        "scalar": torch.tensor(7.25),
        "empty": torch.zeros(0, 3),
        "parameter": torch.nn.Parameter(torch.tensor([1.0, 2.0])),
        "one.by.one": torch.tensor([[3.0]]).t(),
    }
    save_file({k: v.detach().clone().contiguous() for k, v in values.items()}, OUT / "every-kind.safetensors")
    state = collections.OrderedDict(values)
    state._metadata = {"": {"version": 1}}  # as module.state_dict() has
    torch.save(state, OUT / "every-kind.pt")
    optimizer = {"state": {0: {"step": torch.tensor(3.0), "exp_avg": torch.zeros(2, dtype=torch.float64)}}, "param_groups": [{"lr": 1e-3}]}
    training = {
        "args": argparse.Namespace(arch="x", seed=1, lr=[1e-4], path=Path("x"), big=2**80, none=None, flag=True),
        "cfg": OmegaConf.create({"model": {"a": {"b": [1, 2, {"c": None}]}, "d": "${model.a}"}}),
        "last_optimizer_state": optimizer,
        "extra": {"set": {1, 2}, "bytes": b"\0", "tuple": (1, (2, (3, ()))), "when": np.float64(0.5)},
    }
    for protocol in (2, 3, 4, 5):
        torch.save({**training, "model": state}, OUT / f"nested-{protocol}.pt", pickle_protocol=protocol)
    torch.save({"epoch": 3, "state_dict": dict(values), "callbacks": {"x": range(3)}}, OUT / "lightning.ckpt")
    training_loops(state, training)
    torch.save(state, OUT / "legacy.pt", _use_new_zipfile_serialization=False)
    # The same archive with 64-bit sizes in its directory, as large checkpoints have.
    with zipfile.ZipFile(OUT / "every-kind.pt") as source:
        (OUT / "zip64.pt").write_bytes(zip64([(i.filename, source.read(i)) for i in source.infolist()]))


def training_loops(state: collections.OrderedDict, training: dict) -> None:
    """The same tensors as saved by custom training loops."""
    settings = types.SimpleNamespace(lr=1e-4, layers=[1, 2])
    torch.save({"rng": torch.get_rng_state(), "settings": settings, **training, "model": state}, OUT / "tensors-beside.pt")
    content = {"epoch": 3, "model_state_dict": state, "loss": torch.tensor(0.5, dtype=torch.float64)}
    torch.save(content, OUT / "tutorial.pt")
    attributed = collections.OrderedDict()
    for name, tensor in state.items():
        # As transformers marks tensors it has initialised; state_dict(keep_vars=True) keeps the marks.
        attributed[name] = tensor.detach().as_strided(tensor.shape, tensor.stride(), tensor.storage_offset())
        if tensor.is_floating_point() and len(attributed) % 2:
            attributed[name] = torch.nn.Parameter(attributed[name])
        attributed[name]._is_hf_initialized = True
    torch.save(attributed, OUT / "attributes.pt")


# === Shards ===


def shards() -> None:
    """The model family/esm2 as two PyTorch files and their index."""
    folder = OUT / "shards"
    folder.mkdir()
    tensors = load_file(FAMILY / "esm2" / "model.safetensors")
    names = sorted(tensors)
    files = {f"pytorch_model-0000{i + 1}-of-00002.bin": names[i::2] for i in range(2)}
    for file, part in files.items():
        torch.save({name: tensors[name] for name in part}, folder / file)
    weight_map = {name: file for file, part in files.items() for name in part}
    (folder / "pytorch_model.bin.index.json").write_text(json.dumps({"metadata": {}, "weight_map": weight_map}))
    shutil.copy(FAMILY / "esm2" / "config.json", folder)


# === fair-esm ===


def fair_esm() -> None:
    """An ESM-2, an ESM-1b and an ESM-1v in the form of Meta's files, and fair-esm's results."""
    folder = OUT / "fair-esm"
    folder.mkdir()
    alphabet = esm.data.Alphabet.from_architecture("ESM-1b")
    for name, kind in (("esm2_tiny", "esm2"), ("esm1b_tiny", "esm1b"), ("esm1v_tiny", "esm1v")):
        if kind == "esm2":
            model = ESM2(num_layers=2, embed_dim=12, attention_heads=2, alphabet=alphabet, token_dropout=True)
        else:
            args = argparse.Namespace(
                arch="roberta_large", layers=2, embed_dim=12, ffn_embed_dim=20, attention_heads=3, max_positions=40,
                token_dropout=True, emb_layer_norm_before=kind == "esm1b",
            )
            model = ProteinBertModel(args, alphabet)
        with torch.no_grad():
            for parameter_name, parameter in model.named_parameters():
                steep = 6.0 if "contact_head" in parameter_name else 0.4
                mean = 1.0 if "layer_norm" in parameter_name and parameter_name.endswith("weight") else 0.0
                parameter.copy_(torch.from_numpy(draw(21, f"{kind}.{parameter_name}", tuple(parameter.shape), Distribution(mean, steep))))
        state = model.state_dict()
        regression = {k: state.pop(k) for k in list(state) if k.startswith("contact_head.")}
        prefixed = collections.OrderedDict()
        for key, value in state.items():
            prefixed[("encoder." if key.startswith("lm_head") else "encoder.sentence_encoder.") + key] = value
        if kind == "esm2":
            cfg = OmegaConf.create(
                {"_name": "esm", "encoder_layers": 2, "encoder_embed_dim": 12, "encoder_attention_heads": 2, "token_dropout": True}
            )
            content = {"cfg": {"model": cfg}, "model": prefixed}
        else:
            names = {"layers": "encoder_layers", "embed_dim": "encoder_embed_dim", "ffn_embed_dim": "encoder_ffn_embed_dim",
                     "attention_heads": "encoder_attention_heads"}
            settings = {names.get(k, k): v for k, v in vars(args).items() if k != "emb_layer_norm_before"}
            content = {"args": argparse.Namespace(**settings), "model": prefixed}
        torch.save(content, folder / f"{name}.pt")
        if kind != "esm1v":
            torch.save({"model": regression}, folder / f"{name}-contact-regression.pt")
        fair_esm_values(folder, name)


def fair_esm_values(folder: Path, name: str) -> None:
    # The files contain argparse and omegaconf objects, but are trusted: they were just written here.
    load = torch.load
    torch.load = lambda *a, **k: load(*a, **{**k, "weights_only": False})
    try:
        model, alphabet = esm.pretrained.load_model_and_alphabet_local(folder / f"{name}.pt")
    finally:
        torch.load = load
    model.eval()
    convert = alphabet.get_batch_converter()
    entries, metadata = [], {}
    for number, sequence in enumerate(SEQUENCES):
        ids = convert([("x", sequence)])[2]
        metadata[f"{number}.tokens"] = " ".join(map(str, ids[0].tolist()))
        contacts = name != "esm1v_tiny"
        with torch.no_grad():
            result = model(ids, repr_layers=range(model.args.layers + 1 if hasattr(model, "args") else model.num_layers + 1), return_contacts=contacts)
        for layer, state in result["representations"].items():
            entries.append(whole(f"{number}.hidden_states.{layer}", state[0].numpy()))
        entries.append(whole(f"{number}.logits", result["logits"][0].numpy()))
        if contacts:
            entries.append(whole(f"{number}.contacts", result["contacts"][0].numpy()))
    write_safetensors(folder / f"{name}.safetensors", entries, metadata)


# === ESMFold as Meta publishes it ===

FOLDING = {
    "model_type": "esm", "is_folding_model": True, "vocab_size": 33, "pad_token_id": 1, "mask_token_id": 32, "hidden_size": 12,
    "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 48, "layer_norm_eps": 1e-5, "position_embedding_type": "rotary",
    "token_dropout": True, "max_position_embeddings": 1026, "hidden_act": "gelu", "emb_layer_norm_before": False,
    "vocab_list": esm.data.Alphabet.from_architecture("ESM-1b").all_toks,
    "esmfold_config": {
        "fp16_esm": False, "lddt_head_hid_dim": 6,
        "trunk": {
            "num_blocks": 2, "sequence_state_dim": 12, "sequence_head_width": 4, "pairwise_state_dim": 8, "pairwise_head_width": 4,
            "position_bins": 7,
            "structure_module": {"sequence_dim": 10, "pairwise_dim": 6, "ipa_dim": 3, "resnet_dim": 9, "num_heads_ipa": 2, "num_qk_points": 3,
                                 "num_v_points": 5, "num_transition_layers": 2, "num_resnet_blocks": 3},
        },
    },
}


def esmfold() -> None:
    """A random folding model: the trunk separately, its language model in fair-esm's form and type, and its folds."""
    folder = OUT / "esmfold"
    folder.mkdir()
    model = meta_model(FOLDING)
    plan = distributions(model, 0.5)
    alphabet = esm.data.Alphabet.from_architecture("ESM-1b")
    language_model = ESM2(num_layers=2, embed_dim=12, attention_heads=2, alphabet=alphabet)
    with torch.no_grad():
        for name, parameter in language_model.named_parameters():
            mean = 1.0 if "layer_norm" in name and name.endswith("weight") else 0.0
            parameter.copy_(torch.from_numpy(draw(22, name, tuple(parameter.shape), Distribution(mean, 0.3))))
    language_model.half()
    regression = {k: v for k, v in language_model.state_dict().items() if k.startswith("contact_head.")}
    state = {k: v for k, v in language_model.state_dict().items() if k not in regression}
    prefixed = {("encoder." if k.startswith("lm_head") else "encoder.sentence_encoder.") + k: v for k, v in state.items()}
    torch.save({"cfg": {"model": OmegaConf.create({"encoder_layers": 2})}, "model": prefixed}, folder / "esm2_t36_3B_UR50D.pt")

    tensors = {}
    for name, tensor in model.state_dict().items():
        if name in plan and not name.startswith("esm."):
            tensors[name] = torch.from_numpy(draw(22, name, tuple(tensor.shape), plan[name]))
    tensors["af2_to_esm"] = torch.tensor([1] + [alphabet.get_idx(v) for v in "ARNDCQEGHILKMFPSTWYVX"])
    # Meta's file has a few tensors that belong to no module.
    extra = {"trunk.structure_module.default_frames": torch.zeros(21, 8, 4, 4), "trunk.unused": torch.tensor([1, 2])}
    cfg = OmegaConf.create({"_name": "esmfold", "trunk": {"num_blocks": 2, "structure_module": {"c_s": 10}}})
    torch.save({"cfg": {"model": cfg}, "model": {**tensors, **extra}}, folder / "esmfold_tiny.pt")

    # The same for transformers, by hand.
    layer = {"self_attn.q_proj": "attention.self.query", "self_attn.k_proj": "attention.self.key", "self_attn.v_proj": "attention.self.value",
             "self_attn.out_proj": "attention.output.dense", "self_attn_layer_norm": "attention.LayerNorm", "fc1": "intermediate.dense",
             "fc2": "output.dense", "final_layer_norm": "LayerNorm"}
    for name, tensor in state.items():
        parts = name.split(".")
        if name == "embed_tokens.weight":
            tensors["esm.embeddings.word_embeddings.weight"] = tensor
        elif parts[0] == "emb_layer_norm_after":
            tensors[f"esm.encoder.{name}"] = tensor
        elif name.endswith("rot_emb.inv_freq"):
            tensors[f"esm.encoder.layer.{parts[1]}.attention.self.rotary_embeddings.inv_freq"] = tensor
        elif parts[0] == "layers":
            tensors[f"esm.encoder.layer.{parts[1]}.{layer['.'.join(parts[2:-1])]}.{parts[-1]}"] = tensor
    tensors = {k: v.clone().contiguous() for k, v in tensors.items()}
    reference = folder / "reference"
    reference.mkdir()
    save_file(tensors, reference / "model.safetensors", metadata={"format": "pt"})
    (reference / "config.json").write_text(json.dumps(FOLDING))
    result = fold(load_reference(reference), "MKTVRQERLKS", None)
    entries = [whole("positions", result["positions"][-1, 0].numpy()), whole("plddt", result["plddt"][0].numpy()),
               whole("ptm", result["ptm"].reshape(1).numpy())]
    write_safetensors(folder / "values.safetensors", entries, {"sequence": "MKTVRQERLKS"})
    # The expected tensors after the import, without the reference's own copy of the large trunk.
    shutil.rmtree(reference)
    save_file(tensors, folder / "tensors.safetensors")


def main() -> None:
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    every_kind()
    shards()
    fair_esm()
    esmfold()
    write_hostile(OUT / "hostile")
    for path in sorted(OUT.rglob("*")):
        if path.is_file() and path.parent.name != "hostile":
            print(path.relative_to(OUT), path.stat().st_size)
    print(len(list((OUT / "hostile").iterdir())), "hostile files")


if __name__ == "__main__":
    main()
