# SPDX-License-Identifier: Apache-2.0
"""The perception of a bundle that stands already: its detector, its vision encoder and how its fusion is sized."""

import json

import bundle_files
from hugging_face import checkpoint, plain_file, strict_json, tensor_copy
from hugging_face.detector import rt_detr_config, rt_detr_tensors
from hugging_face.refusal import Refusal

_PREFIXES = ("detector.", "vision_encoder.")
# Where in a stack of layers the fusion enters, in thirtieths: layers 14, 18, 22 and 26 of the default bundle's 30.
_INTEGRATION = (14, 18, 22, 26)


class Perception:
    """The detector's and the vision encoder's sections and `entries` of their tensors, as a bundle names them.

    `detector` is the directory of an RT-DETR that takes the place of the bundle's own detector.
    """

    def __init__(self, directory, detector=None):
        self.directory, self.detector = directory, detector
        self.config = strict_json.read(directory, "config.json")
        path = plain_file.locate(directory, "config.json")
        for section in ("detector", "vision_encoder", "fusion", "prompt"):
            if not isinstance(self.config.get(section), dict):
                raise Refusal(path, f"{section}: expected an object; is this a bundle?")
        if not isinstance(self.config.get("name"), str):
            raise Refusal(path, "name: expected a text; is this a bundle?")
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
        if detector is not None:
            self._take_detector(detector)

    def _take_detector(self, directory):
        section = rt_detr_config.read(directory)
        self.config["detector"] = section
        names = self.config["vision_encoder"].get("finer_names", {})
        # Kinds of things that the other detector's classes were divided into.
        self.config["vision_encoder"]["finer_names"] = {
            label: kinds for label, kinds in names.items() if label in section["labels"]
        }
        found = rt_detr_tensors.select(directory, checkpoint.entries(directory))
        self.entries = {name: entry for name, entry in self.entries.items() if not name.startswith("detector.")}
        self.entries |= {"detector." + name: entry for name, entry in found.items()}

    def section(self, name):
        return json.loads(json.dumps(self.config[name]))

    def fusion(self, layers):
        """The fusion's section for a language model of so many layers: the same sizes, entering at the same heights."""
        fusion = self.section("fusion")
        fusion["integration_layers"] = sorted({min(layers - 1, -(-layers * place // 30)) for place in _INTEGRATION})
        return fusion
