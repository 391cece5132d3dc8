# SPDX-License-Identifier: Apache-2.0
"""The perception of a bundle that stands already: its detector, its vision encoder and how its fusion is sized."""

import json

import bundle_files
from hugging_face import checkpoint, plain_file, strict_json, tensor_copy
from hugging_face.refusal import Refusal

_PREFIXES = ("detector.", "vision_encoder.")
# Where in a stack of layers the fusion enters, in thirtieths: layers 14, 18, 22 and 26 of the default bundle's 30.
_INTEGRATION = (14, 18, 22, 26)


class Perception:
    """`config` (sections detector and vision_encoder), `entries` of their tensors, `fusion` and `prompt` of a bundle."""

    def __init__(self, directory):
        self.config = strict_json.read(directory, "config.json")
        path = plain_file.locate(directory, "config.json")
        for section in ("detector", "vision_encoder", "fusion", "prompt"):
            if not isinstance(self.config.get(section), dict):
                raise Refusal(path, f"{section}: expected an object; is this a bundle?")
        plain_file.locate(directory, bundle_files.CHECKSUMS)
        changed = bundle_files.changed_file(directory)
        if changed is not None:
            raise Refusal(directory / changed, "differs from its line in checksums.txt")
        self.entries = {
            name: entry for name, entry in checkpoint.entries(directory).items() if name.startswith(_PREFIXES)
        }
        for name, entry in self.entries.items():
            if entry.dtype not in tensor_copy.FLOATS:
                raise Refusal(entry.path, f"tensor '{name}': expected F32, F16 or BF16, got {entry.dtype}")
        if not self.entries:
            raise Refusal(directory, f"expected tensors {' and '.join(_PREFIXES)}, got none")

    def section(self, name):
        return json.loads(json.dumps(self.config[name]))

    def fusion(self, layers):
        """The fusion's section for a language model of so many layers: the same sizes, entering at the same heights."""
        fusion = self.section("fusion")
        fusion["integration_layers"] = sorted({min(layers - 1, -(-layers * place // 30)) for place in _INTEGRATION})
        return fusion
