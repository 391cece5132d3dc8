# SPDX-License-Identifier: Apache-2.0
"""The config.json of an RT-DETR or RT-DETRv2 as the `detector` section of a bundle's."""

from hugging_face import plain_file, strict_json
from hugging_face.config_keys import ConfigKeys
from hugging_face.detector import preprocessor

_FAMILIES = {"RTDetrForObjectDetection": "rt_detr", "RTDetrV2ForObjectDetection": "rt_detr_v2"}
_ACTIVATIONS = ("gelu", "relu", "silu")
# Above these scores an object is reported, named as unsure, and counted. Scores of this family are near 0 or near 1.
_THRESHOLDS = {"candidate_threshold": 0.05, "unsure_threshold": 0.3, "sure_threshold": 0.5}

# Keys whose value, whatever it is, has no part in what the service computes.
_WITHOUT_EFFECT = dict.fromkeys(
    ("activation_dropout", "attention_dropout", "auxiliary_loss", "box_noise_scale", "dropout", "eos_coefficient",
     "focal_loss_alpha", "focal_loss_gamma", "initializer_bias_prior_prob", "initializer_range", "label_noise_ratio",
     "matcher_alpha", "matcher_bbox_cost", "matcher_class_cost", "matcher_gamma", "matcher_giou_cost", "num_denoising",
     "use_focal_loss", "weight_loss_bbox", "weight_loss_giou", "weight_loss_vfl"), "training alone"
) | dict.fromkeys(
    ("_name_or_path", "architectures", "chunk_size_feed_forward", "disable_custom_kernels", "dtype",
     "freeze_backbone_batch_norms", "is_encoder_decoder", "label2id", "output_attentions", "output_hidden_states",
     "problem_type", "return_dict", "tie_word_embeddings", "torch_dtype", "transformers_version",
     "use_pretrained_backbone"), "how transformers runs it"
)  # fmt: skip


def read(directory):
    """The section, of config.json and preprocessor_config.json."""
    path = plain_file.locate(directory, "config.json")
    keys = ConfigKeys(path, strict_json.read(directory, "config.json"))
    family = _family(keys)
    strides = _wholes(keys, "feat_strides", 1, 256)
    neck = keys.whole("encoder_hidden_dim", 4, 65_536)
    backbone = _backbone(keys, len(strides))
    section = {"family": "rt_detr"} | preprocessor.read(directory, strides[-1])
    section |= {"strides": strides, "neck_channels": neck, "nms_iou_threshold": 1.0, "coincident_iou_threshold": 1.0}
    section |= _THRESHOLDS | {"labels": _labels(keys)}
    section["rt_detr"] = {"backbone": backbone} | _dimensions(keys, family, len(strides))
    _check_the_rest(keys, section)
    keys.ignore(_WITHOUT_EFFECT)
    keys.finish()
    return section


def _family(keys):
    names = keys.value("architectures")
    if not isinstance(names, list) or len(names) != 1 or names[0] not in _FAMILIES:
        raise keys.refuse("architectures", f"[one of {' or '.join(_FAMILIES)}]")
    if keys.value("model_type") != _FAMILIES[names[0]]:
        raise keys.refuse("model_type", f"'{_FAMILIES[names[0]]}' as architectures says")
    return _FAMILIES[names[0]]


def _wholes(keys, key, low, high):
    values = keys.value(key)
    fits = isinstance(values, list) and values and all(type(each) is int and low <= each <= high for each in values)
    if not fits:
        raise keys.refuse(key, f"whole numbers in [{low}, {high}]")
    return values


def _choice(keys, key, choices):
    if keys.value(key) not in choices:
        raise keys.refuse(key, " or ".join(choices))
    return keys.value(key)


def _labels(keys):
    names = keys.value("id2label")
    labels = [names.get(str(i)) for i in range(len(names))] if isinstance(names, dict) else []
    if not labels or not all(isinstance(label, str) and label for label in labels) or len(set(labels)) != len(labels):
        raise keys.refuse("id2label", "a name for every class from 0 on, none empty or twice")
    return labels


def _backbone(keys, levels):
    inner = keys.section("backbone_config")
    keys.only("backbone")
    keys.only("backbone_kwargs", {})
    keys.only("use_timm_backbone", False)
    if inner.value("model_type") != "rt_detr_resnet":
        raise inner.refuse("model_type", "'rt_detr_resnet'")
    result = {
        "embedding_size": inner.whole("embedding_size", 2, 65_536),
        "hidden_sizes": _wholes(inner, "hidden_sizes", 1, 65_536),
        "depths": _wholes(inner, "depths", 1, 1024),
        "layer_type": _choice(inner, "layer_type", ("basic", "bottleneck")),
        "downsample_in_first_stage": inner.boolean("downsample_in_first_stage", False),
        "downsample_in_bottleneck": inner.boolean("downsample_in_bottleneck", False),
    }
    stages = len(result["hidden_sizes"])
    inner.only("hidden_act", "relu")
    inner.only("num_channels", 3)
    inner.only("out_indices", list(range(stages + 1))[-levels:])
    inner.only("out_features", [f"stage{i}" for i in range(stages + 1)][-levels:])
    keys.only("encoder_in_channels", result["hidden_sizes"][-levels:])
    inner.ignore({"id2label": "classes of another head", "stage_names": "named by their number"})
    inner.ignore(_WITHOUT_EFFECT)
    inner.finish()
    return result


def _dimensions(keys, family, levels):
    result = {name: keys.whole(name, 1, 65_536) for name in (
        "d_model", "encoder_ffn_dim", "encoder_attention_heads", "num_queries", "decoder_layers", "decoder_ffn_dim",
        "decoder_attention_heads", "decoder_n_points",
    )}  # fmt: skip
    result["encoder_layers"] = keys.whole("encoder_layers", 0, 64)
    result["encode_proj_layers"] = _wholes(keys, "encode_proj_layers", 0, levels - 1)
    for name in ("encoder_activation_function", "activation_function", "decoder_activation_function"):
        result[name] = _choice(keys, name, _ACTIVATIONS)
    result["hidden_expansion"] = keys.number("hidden_expansion", 1e-3, 64)
    result["positional_encoding_temperature"] = keys.number("positional_encoding_temperature", 1, 1e9)
    result["decoder_offset_scale"], result["decoder_method"] = 0.5, "default"
    if family == "rt_detr_v2":
        result["decoder_offset_scale"] = keys.number("decoder_offset_scale", 1e-3, 1e3)
        result["decoder_method"] = _choice(keys, "decoder_method", ("default", "discrete"))
        keys.only("decoder_n_levels", levels)
    for name in ("layer_norm_eps", "batch_norm_eps"):
        result[name] = keys.number(name, 1e-12, 1, default=1e-5)
    return result


def _check_the_rest(keys, section):
    levels, size = len(section["strides"]), section["input_size"]
    keys.only("normalize_before", False)
    keys.only("learn_initial_query", False)
    keys.only("with_box_refine", True)
    keys.only("eval_size")
    keys.only("anchor_image_size", [size, size])
    keys.only("num_feature_levels", levels)
    keys.only("decoder_in_channels", [section["neck_channels"]] * levels)
    keys.only("auto_map")
    keys.only("quantization_config")
