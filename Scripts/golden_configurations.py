"""The folding configurations of the parity fixtures, and the sequences that are folded with each."""

from __future__ import annotations

import numpy as np

from golden_models import Fixture, shuffled_vocabulary
from reference_support import RESIDUES, VOCABULARY


def long_sequence(length: int, seed: int, share: float = 0.0) -> str:
    """A random sequence; `share` of it is X, whose atoms are all at the origin.

    The more residues, the likelier that some distance is at the boundary of a recycling bin. X has no distances to
    other X; the seeds are the first ones that give no ambiguous bin.
    """
    random = np.random.Generator(np.random.PCG64([length, seed]))
    letters = random.choice(list(RESIDUES), length)
    return "".join(np.where(random.random(length) < share, "X", letters))


FOLDING = {"model_type": "esm", "architectures": ["EsmForProteinFolding"], "is_folding_model": True}

FIXTURES = (
    # Every field given; no two widths are equal, nor equal to those of esmfold_v1.
    Fixture(
        name="folding-a",
        seed=1,
        config={
            **FOLDING,
            "vocab_size": 33,
            "pad_token_id": 1,
            "mask_token_id": 32,
            "vocab_list": VOCABULARY,
            "hidden_size": 20,
            "num_hidden_layers": 3,
            "num_attention_heads": 2,
            "intermediate_size": 28,
            "max_position_embeddings": 70,
            "layer_norm_eps": 1e-5,
            "position_embedding_type": "rotary",
            "rope_theta": 10000.0,
            "token_dropout": True,
            "emb_layer_norm_before": False,
            "hidden_act": "gelu",
            "hidden_dropout_prob": 0.0,
            "attention_probs_dropout_prob": 0.0,
            "esmfold_config": {
                "esm_type": "random_3L20",
                "fp16_esm": False,
                "use_esm_attn_map": False,
                "embed_aa": True,
                "bypass_lm": False,
                "esm_ablate_pairwise": False,
                "esm_ablate_sequence": False,
                "lddt_head_hid_dim": 11,
                "trunk": {
                    "num_blocks": 2,
                    "sequence_state_dim": 24,
                    "sequence_head_width": 8,
                    "pairwise_state_dim": 12,
                    "pairwise_head_width": 4,
                    "position_bins": 5,
                    "dropout": 0,
                    "layer_drop": 0,
                    "max_recycles": 3,
                    "chunk_size": None,
                    "structure_module": {
                        "sequence_dim": 18,
                        "pairwise_dim": 10,
                        "ipa_dim": 5,
                        "num_heads_ipa": 3,
                        "num_qk_points": 2,
                        "num_v_points": 3,
                        "num_blocks": 3,
                        "resnet_dim": 14,
                        "num_resnet_blocks": 1,
                        "num_transition_layers": 2,
                        "num_angles": 7,
                        "trans_scale_factor": 7,
                        "epsilon": 1e-6,
                        "inf": 1e5,
                        "dropout_rate": 0.1,
                    },
                },
            },
        },
        sequences=("W", "XM", "MKXVRQWYHFWRG", "MSMEPKPQRKSXKFNTNRRPQPVKFQGGGQIVGXVYLLPRRGPRLGW"),
        long_sequences=(long_sequence(131, 4, 0.3),),
        inverse_frequencies="layers",
        pdb="L13-r0",
    ),
    # Absolute positions, layer norm before the layers, no amino-acid embedding, float16 language model; else defaults.
    Fixture(
        name="folding-b",
        seed=2,
        config={
            **FOLDING,
            "vocab_size": 33,
            "pad_token_id": 1,
            "mask_token_id": 32,
            "hidden_size": 18,
            "num_hidden_layers": 2,
            "num_attention_heads": 1,
            "intermediate_size": 30,
            "max_position_embeddings": 61,
            "emb_layer_norm_before": True,
            "esmfold_config": {
                "fp16_esm": False,
                "embed_aa": False,
                "lddt_head_hid_dim": 9,
                "trunk": {
                    "num_blocks": 3,
                    "sequence_state_dim": 32,
                    "sequence_head_width": 16,
                    "pairwise_state_dim": 16,
                    "pairwise_head_width": 8,
                    "max_recycles": 2,
                    "structure_module": {
                        "sequence_dim": 22,
                        "pairwise_dim": 14,
                        "ipa_dim": 6,
                        "num_heads_ipa": 2,
                        "num_qk_points": 3,
                        "num_v_points": 5,
                        "num_blocks": 2,
                        "resnet_dim": 15,
                    },
                },
            },
        },
        sequences=("G", "KX", "CXDEFGHIKLMNP", "GWVLIPCYWSTQMNQDEKRHXYEAWRITLGSDDVNICQSVFXWVTAG"),
        half_language_model=True,
        embedding_std=0.05,
    ),
    # Rotary with one float16 inv_freq for the model, layer norm before it, and epsilons large enough to be seen.
    Fixture(
        name="folding-c",
        seed=3,
        config={
            **FOLDING,
            "vocab_size": 33,
            "pad_token_id": 1,
            "mask_token_id": 32,
            "vocab_list": VOCABULARY,
            "hidden_size": 12,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "intermediate_size": 7,
            "max_position_embeddings": 9,
            "layer_norm_eps": 0.03,
            "position_embedding_type": "rotary",
            "token_dropout": False,
            "emb_layer_norm_before": True,
            "esmfold_config": {
                "fp16_esm": False,
                "lddt_head_hid_dim": 3,
                "trunk": {
                    "num_blocks": 1,
                    "sequence_state_dim": 6,
                    "sequence_head_width": 6,
                    "pairwise_state_dim": 4,
                    "pairwise_head_width": 4,
                    "position_bins": 1,
                    "max_recycles": 1,
                    "structure_module": {
                        "sequence_dim": 8,
                        "pairwise_dim": 5,
                        "ipa_dim": 3,
                        "num_heads_ipa": 1,
                        "num_qk_points": 1,
                        "num_v_points": 1,
                        "num_blocks": 1,
                        "resnet_dim": 5,
                        "num_resnet_blocks": 0,
                        "num_transition_layers": 0,
                        "epsilon": 0.05,
                    },
                },
            },
        },
        sequences=("AXGCD",),
        recycles=(None,),
        half_language_model=True,
        inverse_frequencies="model",
    ),
    # An ablated language model, a vocabulary in a different order, another rotary base and no inv_freq in the file.
    Fixture(
        name="folding-d",
        seed=4,
        config={
            **FOLDING,
            "vocab_size": 33,
            "pad_token_id": 1,
            "mask_token_id": shuffled_vocabulary().index("<mask>"),
            "vocab_list": shuffled_vocabulary(),
            "hidden_size": 8,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "intermediate_size": 9,
            "max_position_embeddings": 9,
            "position_embedding_type": "rotary",
            "rope_theta": 300.0,
            "token_dropout": True,
            "esmfold_config": {
                "fp16_esm": False,
                "esm_ablate_sequence": True,
                "lddt_head_hid_dim": 2,
                "trunk": {
                    "num_blocks": 1,
                    "sequence_state_dim": 8,
                    "sequence_head_width": 2,
                    "pairwise_state_dim": 6,
                    "pairwise_head_width": 2,
                    "position_bins": 3,
                    "max_recycles": 2,
                    "structure_module": {
                        "sequence_dim": 7,
                        "pairwise_dim": 6,
                        "ipa_dim": 2,
                        "num_heads_ipa": 2,
                        "num_qk_points": 2,
                        "num_v_points": 1,
                        "num_blocks": 2,
                        "resnet_dim": 4,
                    },
                },
            },
        },
        sequences=("MWXKY",),
        recycles=(None,),
    ),
    # Long proteins with the features of folding-b: absolute positions for 270 residues, odd widths, an odd head width.
    Fixture(
        name="folding-e",
        seed=5,
        config={
            **FOLDING,
            "vocab_size": 33,
            "pad_token_id": 1,
            "mask_token_id": 32,
            "hidden_size": 14,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "intermediate_size": 22,
            "max_position_embeddings": 275,
            "emb_layer_norm_before": True,
            "esmfold_config": {
                "fp16_esm": False,
                "embed_aa": False,
                "lddt_head_hid_dim": 7,
                "trunk": {
                    "num_blocks": 2,
                    "sequence_state_dim": 20,
                    "sequence_head_width": 10,
                    "pairwise_state_dim": 10,
                    "pairwise_head_width": 5,
                    "max_recycles": 2,
                    "structure_module": {
                        "sequence_dim": 13,
                        "pairwise_dim": 9,
                        "ipa_dim": 3,
                        "num_heads_ipa": 2,
                        "num_qk_points": 1,
                        "num_v_points": 2,
                        "num_blocks": 2,
                        "resnet_dim": 7,
                        "trans_scale_factor": 25,
                    },
                },
            },
        },
        sequences=(),
        long_sequences=(long_sequence(131, 11, 0.3), long_sequence(270, 7, 0.6)),
        half_language_model=True,
    ),
)
