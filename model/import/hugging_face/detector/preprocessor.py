# SPDX-License-Identifier: Apache-2.0
"""preprocessor_config.json: from a picture to the detector's input."""

from hugging_face import plain_file, strict_json
from hugging_face.config_keys import ConfigKeys

_NAME = "preprocessor_config.json"
_BYTE = 1 / 255
_WITHOUT_EFFECT = {
    "_valid_processor_keys": "how transformers runs it",
    "do_convert_annotations": "training alone",
    "format": "training alone",
    "image_processor_type": "how transformers runs it",
    "feature_extractor_type": "how transformers runs it",
    "pad_size": "nothing is padded",
}


def read(directory, stride):
    """{input_size, resize, channel_order, mean, std}; the side must be a multiple of `stride`."""
    path = plain_file.locate(directory, _NAME)
    keys = ConfigKeys(path, strict_json.read(directory, _NAME))
    size = keys.section("size")
    side = size.whole("height", 32, 4096)
    if size.whole("width", 32, 4096) != side:
        raise size.refuse("width", f"the height {side}")
    if side % stride != 0:
        raise size.refuse("height", f"a multiple of the stride {stride}")
    size.finish()
    keys.only("do_resize", True)
    keys.only("do_rescale", True)
    keys.only("do_pad", False)
    keys.only("do_center_crop", False)
    keys.only("resample", 2)
    factor = keys.number("rescale_factor", 1e-6, 1, default=_BYTE)
    if abs(factor - _BYTE) > 1e-9:
        raise keys.refuse("rescale_factor", f"{_BYTE}")
    mean, std = [0.0] * 3, [1.0] * 3
    if keys.boolean("do_normalize", False):
        mean, std = _three(keys, "image_mean"), _three(keys, "image_std")
        if min(std) < 1e-3:
            raise keys.refuse("image_std", "numbers above 0")
    keys.ignore({"image_mean": "of do_normalize alone", "image_std": "of do_normalize alone"} | _WITHOUT_EFFECT)
    keys.finish()
    scaled = {"mean": [255.0 * each for each in mean], "std": [255.0 * each for each in std]}
    return {"input_size": side, "channel_order": "RGB", "resize": "stretch"} | scaled


def _three(keys, key):
    values = keys.value(key)
    if (
        not isinstance(values, list)
        or len(values) != 3
        or not all(type(v) in (int, float) and 0 <= v <= 1 for v in values)
    ):
        raise keys.refuse(key, "three numbers in [0, 1]")
    return [float(value) for value in values]
