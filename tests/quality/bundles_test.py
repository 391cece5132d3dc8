# SPDX-License-Identifier: Apache-2.0
"""The bundle without adapters has everything but them."""

import json
import pathlib
import tempfile
import unittest

import bundles


class BundlesTest(unittest.TestCase):
    def test_everything_but_the_adapters(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        bundle = folder / "bundle"
        bundle.mkdir()
        for name in ("model.safetensors", "adapters.safetensors", "checksums.txt"):
            (bundle / name).write_text(name)
        (bundle / "config.json").write_text(json.dumps({"name": "x", "adapters": {"rank": 4}}))
        self.assertTrue(bundles.has_adapters(bundle))
        for _ in range(2):  # a second time, what is left of the first must not be in the way
            made = bundles.without_adapters(bundle, folder / "made")
        self.assertFalse(bundles.has_adapters(made))
        self.assertEqual({file.name for file in made.iterdir()}, {"model.safetensors", "config.json"})
        self.assertEqual(json.loads((made / "config.json").read_text()), {"name": "x"})
        self.assertEqual((made / "model.safetensors").read_text(), "model.safetensors")


if __name__ == "__main__":
    unittest.main()
