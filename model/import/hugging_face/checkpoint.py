# SPDX-License-Identifier: Apache-2.0
"""The tensors of a directory: model.safetensors, or the shards that model.safetensors.index.json names."""

from hugging_face import plain_file, safetensors_header, strict_json
from hugging_face.refusal import Refusal, shown

_WEIGHTS = "model.safetensors"
_INDEX = "model.safetensors.index.json"
_PICKLED = ("pytorch_model.bin", "pytorch_model.bin.index.json", "consolidated.00.pth")


def entries(directory):
    """{name: safetensors_header.Entry} of every tensor. No data is read."""
    if plain_file.exists(directory, _INDEX):
        return _of_shards(directory)
    if not plain_file.exists(directory, _WEIGHTS):
        found = [name for name in _PICKLED if plain_file.exists(directory, name)]
        hint = f"; {found[0]} is a pickle, which can run code and is never read" if found else ""
        raise Refusal(directory, f"expected {_WEIGHTS} or {_INDEX}{hint}")
    return {entry.name: entry for entry in safetensors_header.read(directory, _WEIGHTS)}


def _of_shards(directory):
    path = plain_file.locate(directory, _INDEX)
    weight_map = strict_json.read(directory, _INDEX).get("weight_map")
    if not isinstance(weight_map, dict) or not weight_map:
        raise Refusal(path, f"expected an object weight_map, got {shown(weight_map)}")
    names_by_shard = {}
    for name, shard in weight_map.items():
        if not isinstance(shard, str) or not shard.endswith(".safetensors"):
            raise Refusal(path, f"weight_map: {shown(name)}: expected a safetensors file, got {shown(shard)}")
        names_by_shard.setdefault(shard, set()).add(name)
    result = {}
    for shard in sorted(names_by_shard):
        try:
            found = safetensors_header.read(directory, shard)
        except Refusal as refusal:
            raise Refusal(path, f"names a shard that is refused: {refusal}") from None
        shard_path = plain_file.locate(directory, shard)
        missing = names_by_shard[shard] - {entry.name for entry in found}
        if missing:
            raise Refusal(shard_path, f"the index places {shown(min(missing))} there, but it is missing")
        for entry in found:
            if entry.name not in names_by_shard[shard]:
                raise Refusal(shard_path, f"holds {shown(entry.name)}, which the index does not place there")
            result[entry.name] = entry
    return result
