# SPDX-License-Identifier: Apache-2.0
"""Which tensors of an RT-DETR's file a bundle holds."""

from hugging_face import tensor_copy
from hugging_face.refusal import Refusal

_NEEDED = "model."
_UNUSED_ENDS = (".num_batches_tracked", ".n_points_scale")
_UNUSED = ("model.denoising_class_embed.weight", "model.anchors", "model.valid_mask")
# Heads are stored under the decoder, and often once more at the top.
_HEADS = ("class_embed.", "bbox_embed.")


def select(directory, entries):
    """{name: entry}; shapes are for the server to check, which knows the network."""
    result = {}
    for name, entry in entries.items():
        if name.startswith(_HEADS):
            under_decoder = entries.get("model.decoder." + name)
            if under_decoder is not None and under_decoder.shape != entry.shape:
                raise Refusal(entry.path, f"tensor '{name}': has another shape than 'model.decoder.{name}'")
            name = "model.decoder." + name
            if under_decoder is not None:
                continue
        if not name.startswith(_NEEDED):
            raise Refusal(entry.path, f"tensor '{name}': has no place in an RT-DETR")
        if name.endswith(_UNUSED_ENDS) or name in _UNUSED:
            continue
        if entry.dtype not in tensor_copy.FLOATS:
            raise Refusal(entry.path, f"tensor '{name}': expected F32, F16 or BF16, got {entry.dtype}")
        result[name] = entry
    if not any(name.startswith("model.backbone.") for name in result):
        raise Refusal(directory, "expected tensors model.backbone.*, got none: is this an RT-DETR?")
    return result
