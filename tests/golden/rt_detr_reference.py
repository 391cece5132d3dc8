# SPDX-License-Identifier: Apache-2.0
"""Random RT-DETRs of Hugging Face transformers, and what a bundle says of one: its `detector` and its tensors."""

import pathlib
import re
import tempfile

import safetensors.torch
import torch
import transformers

# Not needed to detect anything; see model/perception/rt_detr/README.md.
_LEFT_OUT = re.compile(r"\.num_batches_tracked$|\.n_points_scale$|^model\.(denoising_class_embed|anchors|valid_mask)")
_OF_BACKBONE = (
    "embedding_size",
    "hidden_sizes",
    "depths",
    "layer_type",
    "downsample_in_first_stage",
    "downsample_in_bottleneck",
)
_OF_DETECTOR = (
    "d_model",
    "encoder_layers",
    "encode_proj_layers",
    "encoder_ffn_dim",
    "encoder_attention_heads",
    "encoder_activation_function",
    "activation_function",
    "hidden_expansion",
    "positional_encoding_temperature",
    "num_queries",
    "decoder_layers",
    "decoder_ffn_dim",
    "decoder_attention_heads",
    "decoder_n_points",
    "decoder_activation_function",
    "layer_norm_eps",
    "batch_norm_eps",
)


def make_model(version, backbone, seed, **dimensions):
    """An RT-DETR (1) or RT-DETRv2 (2) in evaluation mode whose every value, batch statistics included, is random and exact in fp16."""
    torch.manual_seed(seed)
    of_backbone = transformers.RTDetrResNetConfig(out_indices=[2, 3, 4], **backbone)
    if version == 1:
        config = transformers.RTDetrConfig(backbone_config=of_backbone, **dimensions)
        model = transformers.RTDetrForObjectDetection(config)
    else:
        config = transformers.RTDetrV2Config(backbone_config=of_backbone, tie_word_embeddings=False, **dimensions)
        model = transformers.RTDetrV2ForObjectDetection(config)
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            if tensor.is_floating_point() and not name.endswith("n_points_scale"):
                tensor.copy_(_random(name, tensor).half().float())
    return model.eval()


def _random(name, tensor):
    """Spread such that signals neither die nor explode, and boxes lie everywhere."""
    noise = torch.randn(tensor.shape)
    if name.endswith("running_var"):
        return noise.abs() + 0.5
    if name.endswith(("running_mean", ".bias")):
        return 0.2 * noise
    if tensor.dim() == 1:  # the gain of a norm
        return 1 + 0.2 * noise
    gain = 0.5 if "bbox" in name else 1.4
    return noise * (gain / tensor[0].numel() ** 0.5)


def describe(model, input_size):
    """The `detector` of a bundle's config.json."""
    config = model.config
    backbone = config.backbone_config
    return {
        "family": "rt_detr",
        "input_size": input_size,
        "channel_order": "RGB",
        "mean": [0, 0, 0],
        "std": [255, 255, 255],
        "resize": "stretch",
        "strides": list(config.feat_strides),
        "neck_channels": config.encoder_hidden_dim,
        "nms_iou_threshold": 1.0,
        "coincident_iou_threshold": 1.0,
        "candidate_threshold": 0.3,
        "unsure_threshold": 0.3,
        "sure_threshold": 0.6,
        "labels": [config.id2label[i] for i in range(config.num_labels)],
        "rt_detr": {
            "backbone": {key: getattr(backbone, key) for key in _OF_BACKBONE},
            **{key: getattr(config, key) for key in _OF_DETECTOR},
            "decoder_offset_scale": getattr(config, "decoder_offset_scale", 0.5),
            "decoder_method": getattr(config, "decoder_method", "default"),
        },
    }


def tensors_of(model):
    """The tensors of a bundle, as a file that transformers wrote names them."""
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        state = safetensors.torch.load_file(pathlib.Path(folder) / "model.safetensors")
    return {
        f"detector.{name}": tensor
        for name, tensor in state.items()
        if name.startswith("model.") and not _LEFT_OUT.search(name)
    }


@torch.no_grad()
def run(model, pixels):
    """Pixels [B, S, S, 3], uint8 -> everything that is worth comparing, by name."""
    pixel_values = torch.from_numpy(pixels).permute(0, 3, 1, 2) / 255
    backbone = model.model.backbone.model(pixel_values).feature_maps
    topk = []
    original = torch.topk

    def listen(*args, **kwargs):
        found = original(*args, **kwargs)
        topk.append((args[0], found.indices))
        return found

    torch.topk = listen
    try:
        output = model(pixel_values)
    finally:
        torch.topk = original
    ((scores, places),) = topk
    return {
        "backbone": backbone,
        "encoder": output.encoder_last_hidden_state,
        "place_scores": scores,
        "places": places,
        "logits": output.logits,
        "boxes": output.pred_boxes,
        "output": output,
    }
