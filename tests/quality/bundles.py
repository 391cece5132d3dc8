# SPDX-License-Identifier: Apache-2.0
"""A bundle as it was before anything was trained: the same files, but for the language model's adapters."""

import json
import pathlib

_ADAPTERS = "adapters.safetensors"


def has_adapters(bundle: pathlib.Path) -> bool:
    return (bundle / _ADAPTERS).is_file()


def without_adapters(bundle: pathlib.Path, folder: pathlib.Path) -> pathlib.Path:
    """Makes `folder` a bundle without them, of links to the files of `bundle`. To be served with bundle.verify_checksums=false."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for file in bundle.iterdir():
        if file.name not in (_ADAPTERS, "config.json", "checksums.txt"):
            (folder / file.name).symlink_to(file.resolve())
    config = json.loads((bundle / "config.json").read_text())
    config.pop("adapters", None)
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    return folder
