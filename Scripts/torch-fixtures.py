"""Writes Tests/Fixtures/torch: checkpoints as PyTorch, fair-esm and attackers write them, and their contents.

    "$(Scripts/python-env)" Scripts/torch-fixtures.py

Valid files come from torch.save itself, the values of the language models from fair-esm, which loads the very files
written here, those of the folding model from transformers. The files in hostile/ are made byte by byte; nothing in them is
ever loaded with Python. The files are under version control; run this only to change them.
"""

from __future__ import annotations

import argparse
import collections
import io
import json
import pickle
import shutil
import struct
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
from transformers import EsmForProteinFolding, EsmConfig

from reference_support import Distribution, distributions, draw, fold, load_reference, meta_model, whole, write_safetensors

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


def zip64(entries: list[tuple[str, bytes]]) -> bytes:
    """A zip of stored entries with every size and offset in the 64-bit fields."""
    out, directory = io.BytesIO(), b""
    for name, data in entries:
        place, raw, checksum = out.tell(), name.encode(), zipfile.crc32(data)
        field = struct.pack("<HHQQ", 1, 16, len(data), len(data))
        out.write(struct.pack("<IHHHHHIIIHH", 0x04034B50, 45, 0, 0, 0, 0, checksum, 0xFFFFFFFF, 0xFFFFFFFF, len(raw), len(field)) + raw + field + data)
        field = struct.pack("<HHQQQ", 1, 24, len(data), len(data), place)
        directory += struct.pack(
            "<IHHHHHHIIIHHHHHII", 0x02014B50, 45, 45, 0, 0, 0, 0, checksum, 0xFFFFFFFF, 0xFFFFFFFF, len(raw), len(field), 0, 0, 0, 0, 0xFFFFFFFF
        ) + raw + field
    start = out.tell()
    out.write(directory)
    end = out.tell()
    out.write(struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 45, 45, 0, 0, len(entries), len(entries), len(directory), start))
    out.write(struct.pack("<IIQI", 0x07064B50, 0, end, 1))
    out.write(struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0))
    return out.getvalue()


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
    stem = ESM2(num_layers=2, embed_dim=12, attention_heads=2, alphabet=alphabet)
    with torch.no_grad():
        for name, parameter in stem.named_parameters():
            mean = 1.0 if "layer_norm" in name and name.endswith("weight") else 0.0
            parameter.copy_(torch.from_numpy(draw(22, name, tuple(parameter.shape), Distribution(mean, 0.3))))
    stem.half()
    regression = {k: v for k, v in stem.state_dict().items() if k.startswith("contact_head.")}
    state = {k: v for k, v in stem.state_dict().items() if k not in regression}
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


# === Hostile files ===


def archive(data_pkl: bytes, storages: dict[str, bytes] | None = None, name: str = "archive/data.pkl", method: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr(zipfile.ZipInfo(name), data_pkl, compress_type=method)
        for key, data in (storages or {}).items():
            file.writestr(zipfile.ZipInfo(f"archive/data/{key}"), data)
    return out.getvalue()


def text(value: str) -> bytes:
    raw = value.encode()
    return b"X" + struct.pack("<I", len(raw)) + raw


def call(module: str, function: str, *arguments: bytes) -> bytes:
    return f"c{module}\n{function}\n".encode() + b"(" + b"".join(arguments) + b"tR"


def number(value: int) -> bytes:
    return b"\x8a\x08" + struct.pack("<q", value)


def tensor(shape: tuple[int, ...] = (2,), strides: tuple[int, ...] = (1,), offset: int = 0, count: int = 2, kind: str = "FloatStorage", key: str = "0") -> bytes:
    storage = b"(" + text("storage") + f"ctorch\n{kind}\n".encode() + text(key) + text("cpu") + number(count) + b"tQ"
    extents = b"(" + b"".join(map(number, shape)) + b"t"
    steps = b"(" + b"".join(map(number, strides)) + b"t"
    return b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + number(offset) + extents + steps + b"\x89" + b"N" + b"tR"


def state(value: bytes, name: str = "w") -> bytes:
    return b"\x80\x02}(" + text(name) + value + b"u."


GOOD = {"0": struct.pack("<ff", 1.0, 2.0)}


def hostile() -> None:
    folder = OUT / "hostile"
    folder.mkdir()

    def write(name: str, data: bytes) -> None:
        (folder / f"{name}.pt").write_bytes(data)

    write("os-system", archive(b"\x80\x02" + call("posix", "system", text("echo hacked")) + b"."))
    write("eval-beside-tensors", archive(b"\x80\x02}(" + text("w") + tensor() + text("x") + call("builtins", "eval", text("1")) + b"u.", GOOD))
    write("subprocess-newobj", archive(state(b"csubprocess\nPopen\n(" + text("true") + b"t\x81"), GOOD))
    write("stack-global-exec", archive(b"\x80\x04" + text("builtins") + text("exec") + b"\x93" + text("x=1") + b"\x85R."))
    write("unknown-object-for-tensor", archive(state(call("some.module", "Thing")), GOOD))
    rebuild = b"ctorch._tensor\n_rebuild_from_type_v2\n"
    system = b"cposix\nsystem\n" + b"ctorch\nTensor\n" + b"(" + text("true") + b"t" + b"N"
    write("rebuilt-by-system", archive(state(rebuild + b"(" + system + b"tR"), GOOD))
    # A list that contains itself as arguments.
    endless = b"]q\x01(" + rebuild + b"ctorch\nTensor\n" + b"h\x01N" + b"e"
    write("rebuilt-by-itself", archive(state(rebuild + endless + b"R"), GOOD))
    torch.save(torch.nn.Linear(2, 1), folder / "whole-module.pt")
    things = b"\x80\x02}(" + text("w") + tensor() + text("x") + call("some.module", "Thing") + b"u."
    write("unknown-object-beside-tensors", archive(things, GOOD))
    write("list-for-tensor", archive(state(b"]"), GOOD))
    bomb = b"cx\ny\n)R" + b")R" * 5000
    write("nested-reduce", archive(b"\x80\x02" + bomb + b"."))
    deep = b"]" * 1500 + b"a" * 1499
    write("deep-lists", archive(b"\x80\x02" + deep + b"."))
    write("open-marks", archive(b"\x80\x02" + b"(" * 5000 + b"."))
    laughs = b"]q\x00"
    for level in range(60):
        laughs += b"](" + (b"h" + bytes([level])) * 10 + b"eq" + bytes([level + 1])
    write("billion-laughs", archive(b"\x80\x02" + laughs + b"."))
    write("huge-text", archive(b"\x80\x02X\xff\xff\xff\xff" + b"abc."))
    write("huge-bytes-64", archive(b"\x80\x04\x8e" + struct.pack("<Q", 2**63 + 1) + b"."))
    write("huge-storage", archive(state(tensor(count=2**62)), GOOD))
    write("huge-shape", archive(state(tensor(shape=(2**40, 2**40), strides=(0, 0))), GOOD))
    write("strides-beyond", archive(state(tensor(shape=(2, 2), strides=(2**62, 2**62))), GOOD))
    write("offset-beyond", archive(state(tensor(offset=1)), GOOD))
    write("negative-shape", archive(state(tensor(shape=(-2,))), GOOD))
    write("missing-storage", archive(state(tensor(key="../0")), GOOD))
    write("short-storage", archive(state(tensor()), {"0": b"\0\0\0\0"}))
    write("double", archive(state(tensor(kind="DoubleStorage")), {"0": b"\0" * 16}))
    write("unknown-storage", archive(state(tensor(kind="QInt8Storage")), GOOD))
    write("opcode-of-protocol-0", archive(b"I1\n."))
    write("empty-stack", archive(b"\x80\x02R."))
    write("unset-memo", archive(b"\x80\x02h\x07."))
    write("no-stop", archive(b"\x80\x02N"))
    write("leftovers", archive(b"\x80\x02NN."))
    write("extension-code", archive(b"\x80\x02\x82\x01."))
    write("same-name-twice", archive(b"\x80\x02}(" + text("w") + tensor() + text("w") + tensor() + b"u.", GOOD))
    write("no-tensors", archive(b"\x80\x02}(" + text("a") + b"K\x01u."))
    write("path-traversal", archive(state(tensor()), GOOD, name="../../etc/data.pkl"))
    write("absolute-name", archive(state(tensor()), GOOD, name="/data.pkl"))
    write("backslash-name", archive(state(tensor()), GOOD, name="archive\\..\\data.pkl"))
    write("compressed", archive(state(tensor()), GOOD, method=zipfile.ZIP_DEFLATED))
    write("no-pickle", archive(b"", name="archive/readme"))
    big = bytearray(archive(state(tensor()), {**GOOD, "byteorder": b""}))
    write("truncated", bytes(big[: len(big) // 2]))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("archive/data.pkl", state(tensor()))
        file.writestr("archive/byteorder", b"big")
        file.writestr("archive/data/0", GOOD["0"])
    write("big-endian", out.getvalue())
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("a/data.pkl", state(tensor()))
        file.writestr("b/data.pkl", state(tensor()))
    write("two-pickles", out.getvalue())
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("a/data.pkl", state(tensor()))
        file.writestr("a/constants.pkl", b"\x80\x02).")
    write("torchscript", out.getvalue())
    good = bytearray(zip64([("archive/data.pkl", state(tensor())), ("archive/data/0", GOOD["0"])]))
    place = good.rindex(b"PK\x01\x02") + 46 + len("archive/data/0") + 4
    write("zip64-size-beyond", bytes(good[:place] + struct.pack("<QQ", 2**63, 2**63) + good[place + 16 :]))
    encrypted = bytearray(archive(state(tensor()), GOOD))
    encrypted[encrypted.index(b"PK\x01\x02") + 8] |= 1
    write("encrypted", bytes(encrypted))
    write("bare-pickle", pickle.dumps({"a": 1}, protocol=2))
    write("html", b"<!DOCTYPE html><html>Not found</html>")
    write("lfs-pointer", b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n")


def main() -> None:
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    every_kind()
    shards()
    fair_esm()
    esmfold()
    hostile()
    for path in sorted(OUT.rglob("*")):
        if path.is_file() and path.parent.name != "hostile":
            print(path.relative_to(OUT), path.stat().st_size)
    print(len(list((OUT / "hostile").iterdir())), "hostile files")


if __name__ == "__main__":
    main()
