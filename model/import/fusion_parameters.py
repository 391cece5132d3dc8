# SPDX-License-Identifier: Apache-2.0
"""The fusion parameters of a bundle: names, shapes and the values they have before training.

Every path that the fusion adds enters through a gate of exactly 0, so these values change no output until they are trained.
"""

import numpy as np

_SEED = 240615768  # the paper's arXiv number
_STANDARD_DEVIATION = 0.02


def shapes(config):
    """Returns {name: shape} for a parsed config.json, in a fixed order."""
    fusion, lm_width = config["fusion"], config["language_model"]["hidden_size"]
    kv_width = config["language_model"]["num_key_value_heads"] * config["language_model"]["head_dim"]
    width = fusion["width"]
    encoder_width = config["vision_encoder"]["feature_channels"]
    neck_width = config["detector"]["neck_channels"]
    levels = len(config["detector"]["strides"])
    labels = len(config["detector"]["labels"])

    query = "fusion.query_fusion."
    result = {
        query + "queries": (fusion["num_queries"], width),
        query + "comprehension_proj.weight": (width, encoder_width),
        query + "comprehension_proj.bias": (width,),
        query + "perception_proj.weight": (width, neck_width),
        query + "perception_proj.bias": (width,),
        query + "level_embedding.weight": (1 + levels, width),
    }
    for i in range(fusion["num_blocks"]):
        block = f"{query}blocks.{i}."
        for norm in ("norm1", "norm2", "norm3"):
            result[f"{block}{norm}.weight"] = (width,)
        for attention in ("self_attn", "cross_attn"):
            for part in "qkvo":
                result[f"{block}{attention}.{part}_proj.weight"] = (width, width)
        result[block + "mlp.up_proj.weight"] = (4 * width, width)
        result[block + "mlp.down_proj.weight"] = (width, 4 * width)
    result[query + "norm.weight"] = (width,)

    reinforcement = "fusion.perception_reinforcement."
    result[reinforcement + "q_proj.weight"] = (width, neck_width)
    result[reinforcement + "k_proj.weight"] = (width, width)
    result[reinforcement + "v_proj.weight"] = (width, width)
    result[reinforcement + "o_proj.weight"] = (neck_width, width)
    result[reinforcement + "gate"] = (levels,)

    for projector in ("visual_proj", "perception_proj"):
        result[f"fusion.{projector}.norm.weight"] = (width,)
        result[f"fusion.{projector}.up_proj.weight"] = (lm_width, width)
        result[f"fusion.{projector}.down_proj.weight"] = (lm_width, lm_width)

    result["fusion.detection_embedding.label_embedding.weight"] = (labels, width)
    result["fusion.detection_embedding.box_proj.weight"] = (width, 6)
    result["fusion.detection_embedding.box_proj.bias"] = (width,)

    for layer in fusion["integration_layers"]:
        prefix = f"fusion.integration.{layer}."
        result[prefix + "norm.weight"] = (lm_width,)
        result[prefix + "q_proj.weight"] = (lm_width, lm_width)
        result[prefix + "k_proj.weight"] = (kv_width, lm_width)
        result[prefix + "v_proj.weight"] = (kv_width, lm_width)
        result[prefix + "o_proj.weight"] = (lm_width, lm_width)
        result[prefix + "gate"] = (1,)
    return result


def each_initial_value(config):
    """Yields (name, float32 array): norms 1, biases and gates 0, the rest small and normal from a fixed seed."""
    random = np.random.Generator(np.random.PCG64(_SEED))
    for name, shape in shapes(config).items():
        if name.endswith((".gate", ".bias")):
            yield name, np.zeros(shape, np.float32)
        elif "norm" in name.split(".")[-2]:
            yield name, np.ones(shape, np.float32)
        else:
            yield name, random.standard_normal(shape, np.float32) * np.float32(_STANDARD_DEVIATION)


def initial_values(config):
    """Returns {name: float32 array}, all of them at once."""
    return dict(each_initial_value(config))
