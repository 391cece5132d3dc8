# SPDX-License-Identifier: Apache-2.0
"""Writes the golden files of the detector family RT-DETR: small random networks of Hugging Face transformers, in fp32.

rt_detr_v1.safetensors      RT-DETR with basic blocks
rt_detr_v2.safetensors      RT-DETRv2 with bottlenecks, three points a level, also with `decoder_method` "discrete"
"""

import json

import numpy as np
import torch
import transformers

import golden_file
import rt_detr_reference as reference

# The lead of every chosen place over the next one: far more than rounding could turn around.
LEAST_LEAD = 5e-4
LABELS = {0: "cat", 1: "dog", 2: "car", 3: "cup", 4: "bus"}
MODELS = {
    "rt_detr_v1": {
        "version": 1,
        "input_size": 128,
        "seed": 3,
        "backbone": {
            "embedding_size": 8,
            "hidden_sizes": [8, 12, 20, 28],
            "depths": [1, 2, 1, 1],
            "layer_type": "basic",
        },
        "encoder_in_channels": [12, 20, 28],
        "encoder_hidden_dim": 24,
        "decoder_in_channels": [24, 24, 24],
        "encoder_ffn_dim": 40,
        "encoder_attention_heads": 2,
        "hidden_expansion": 0.5,
        "d_model": 32,
        "decoder_ffn_dim": 48,
        "decoder_attention_heads": 4,
        "decoder_layers": 2,
        "num_queries": 24,
    },
    "rt_detr_v2": {
        "version": 2,
        "input_size": 96,
        "seed": 13,
        "backbone": {
            "embedding_size": 8,
            "hidden_sizes": [16, 24, 32, 48],
            "depths": [1, 1, 2, 1],
            "layer_type": "bottleneck",
            "downsample_in_bottleneck": True,
        },
        "encoder_in_channels": [24, 32, 48],
        "encoder_hidden_dim": 16,
        "decoder_in_channels": [16, 16, 16],
        "encoder_ffn_dim": 24,
        "encoder_attention_heads": 4,
        "encoder_layers": 2,
        "encode_proj_layers": [1, 2],
        "encoder_activation_function": "relu",
        "activation_function": "gelu",
        "d_model": 24,
        "decoder_ffn_dim": 40,
        "decoder_attention_heads": 3,
        "decoder_layers": 3,
        "decoder_n_points": 3,
        "decoder_activation_function": "silu",
        "decoder_offset_scale": 0.7,
        "layer_norm_eps": 1e-4,
        "batch_norm_eps": 1e-3,
        "num_queries": 15,
    },
}


def picture(size, seed):
    """Coarse coloured noise: places differ, and neighbours are alike."""
    generator = np.random.Generator(np.random.PCG64(seed))
    coarse = torch.from_numpy(generator.uniform(0, 255, (2, 3, 9, 9)))
    fine = torch.nn.functional.interpolate(coarse, size=(size, size), mode="bicubic")
    return fine.clamp(0, 255).permute(0, 2, 3, 1).to(torch.uint8).numpy()


def least_lead(result):
    best = result["place_scores"].topk(result["places"].shape[1] + 1).values
    return float((best[:, :-1] - best[:, 1:]).min())


def detections(result, input_size):
    """[n, 6]: box in input pixels, score, label, of the first picture, best first."""
    processor = transformers.RTDetrImageProcessor()
    found = processor.post_process_object_detection(
        result["output"], threshold=0.3, target_sizes=[(input_size,) * 2] * 2
    )
    first = found[0]
    return torch.cat([first["boxes"], first["scores"][:, None], first["labels"][:, None].float()], 1)


def write(name, version, input_size, seed, **dimensions):
    model = reference.make_model(version, seed=seed, id2label=LABELS, **dimensions)
    pixels = picture(input_size, seed)
    result = reference.run(model, pixels)
    if (lead := least_lead(result)) < LEAST_LEAD:
        raise ValueError(f"{name}: places lead by {lead:.1e} only; take another seed")
    tensors = {key: value.half().numpy() for key, value in reference.tensors_of(model).items()}
    config = json.dumps(reference.describe(model, input_size))
    golden = {
        "config": np.frombuffer(config.encode(), np.uint8),
        "pixels": pixels,
        "places": result["places"].int().numpy(),
        "logits": result["logits"].numpy(),
        "boxes": result["boxes"].numpy(),
        "detections": detections(result, input_size).numpy(),
        **{f"backbone.{i}": level[:1].numpy() for i, level in enumerate(result["backbone"])},
        **{f"encoder.{i}": level.numpy() for i, level in enumerate(result["encoder"])},
    }
    if version == 2:
        for layer in model.model.decoder.layers:
            layer.encoder_attn.method = "discrete"
        discrete = reference.run(model, pixels)
        golden |= {"discrete.logits": discrete["logits"].numpy(), "discrete.boxes": discrete["boxes"].numpy()}
    spread = result["boxes"].std(1).min().item()
    print(f"{name}: least lead {lead:.1e}, least spread of boxes {spread:.2f}, {len(golden['detections'])} detections")
    golden_file.save(
        f"{name}.safetensors",
        tensors | {f"golden.{key}": value for key, value in golden.items()},
        golden_file.versions("transformers", "torch"),
        1e-4,
        seed=seed,
        note="a random network, weights exact in fp16, computed in fp32",
    )


if __name__ == "__main__":
    torch.set_num_threads(1)
    for name, parameters in MODELS.items():
        write(name, **parameters)
