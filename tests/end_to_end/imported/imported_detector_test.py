# SPDX-License-Identifier: Apache-2.0
"""An RT-DETR as Hugging Face publishes it, imported and served: its boxes are those of transformers.

imported_detector_test.py SERVER BUNDLE WORK_FOLDER

The checkpoints are the small random networks of the golden files, which also hold what transformers finds.
"""

import json
import pathlib
import shutil
import subprocess
import sys
import unittest

SERVER, BUNDLE, WORK = (pathlib.Path(argument).resolve() for argument in sys.argv[1:4])
ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path += [str(ROOT / "tests" / "quality"), str(ROOT / "tests" / "model" / "import")]

import grpc  # noqa: E402
import numpy as np  # noqa: E402
import safetensors.numpy  # noqa: E402

import contract  # noqa: E402
import server_process  # noqa: E402
import tiny_checkpoint  # noqa: E402

CALL_SECONDS = 120
TOLERANCE = 1e-3
CONTRACT = contract.generate(ROOT / "proto", WORK / "stubs")
MESSAGES = CONTRACT.messages


def hugging_face_config(section: dict, version: int) -> dict:
    """The config.json that an import makes `section` of."""
    inner = dict(section["rt_detr"])
    backbone = inner.pop("backbone") | {"model_type": "rt_detr_resnet", "hidden_act": "relu", "num_channels": 3}
    names = {
        1: ("RTDetrForObjectDetection", "rt_detr"),
        2: ("RTDetrV2ForObjectDetection", "rt_detr_v2"),
    }
    if version == 1:
        del inner["decoder_offset_scale"], inner["decoder_method"]
    return inner | {
        "architectures": [names[version][0]],
        "model_type": names[version][1],
        "backbone_config": backbone,
        "feat_strides": section["strides"],
        "encoder_hidden_dim": section["neck_channels"],
        "id2label": {str(i): label for i, label in enumerate(section["labels"])},
    }


def write_checkpoint(folder: pathlib.Path, golden: dict, version: int) -> dict:
    """A directory as transformers would have saved it; returns the section that its import must give."""
    folder.mkdir(parents=True)
    section = json.loads(golden["golden.config"].tobytes())
    size = {"height": section["input_size"], "width": section["input_size"]}
    processing = {"do_resize": True, "do_rescale": True, "do_normalize": False, "resample": 2, "size": size}
    (folder / "config.json").write_text(json.dumps(hugging_face_config(section, version)))
    (folder / "preprocessor_config.json").write_text(json.dumps(processing))
    prefix = "detector."
    weights = {name.removeprefix(prefix): value for name, value in golden.items() if name.startswith(prefix)}
    tiny_checkpoint.save(folder / "model.safetensors", weights)
    return section


class ImportedDetectorTest(unittest.TestCase):
    VERSION = 1

    @classmethod
    def setUpClass(cls):
        folder = WORK / f"rt_detr_v{cls.VERSION}"
        shutil.rmtree(folder, ignore_errors=True)
        data = ROOT / "tests" / "golden" / "data" / f"rt_detr_v{cls.VERSION}.safetensors"
        cls.golden = safetensors.numpy.load_file(data)
        cls.section = write_checkpoint(folder / "detector", cls.golden, cls.VERSION)
        language = tiny_checkpoint.write(folder / "language")
        bundle = folder / "imported"
        program = ROOT / "model" / "import" / "import_bundle.py"
        command = [sys.executable, program, "--language", language, "--detector", folder / "detector"]
        subprocess.run(
            [str(part) for part in [*command, "--perception", BUNDLE, "--out", bundle]], check=True, timeout=300
        )
        cls.imported = json.loads((bundle / "config.json").read_text())["detector"]
        settings = ["device.dtype=float32", "device.vision_dtype=float32", "second_look.mode=off"]
        address = cls.enterClassContext(server_process.running(SERVER, bundle, folder, settings))
        cls.stub = CONTRACT.service.MrMllmServiceStub(grpc.insecure_channel(address))

    def image(self):
        pixels = self.golden["golden.pixels"][0]
        side = pixels.shape[0]
        raw = MESSAGES.RawImage(pixels=pixels.tobytes(), width=side, height=side, format="PIXEL_FORMAT_RGB")
        return MESSAGES.Image(raw=raw), side

    def test_the_section_is_that_of_the_golden_file_but_for_its_thresholds(self):
        thresholds = ("candidate_threshold", "unsure_threshold", "sure_threshold")
        for section in (self.imported, self.section):
            for key in thresholds:
                section.pop(key, None)
        self.assertEqual(self.imported, self.section)

    def test_boxes_are_those_of_transformers(self):
        image, side = self.image()
        perception = MESSAGES.PerceptionSettings(score_threshold=0.3)
        reply = self.stub.Detect(MESSAGES.DetectRequest(images=[image], perception=perception), timeout=CALL_SECONDS)
        expected = self.golden["golden.detections"]
        found = reply.images[0].detections
        self.assertEqual(len(found), len(expected))
        rows = sorted(
            [d.box.x_min, d.box.y_min, d.box.x_max, d.box.y_max, d.score, self.section["labels"].index(d.label)]
            for d in found
        )
        expected = [[*np.clip(row[:4] / side, 0, 1), *row[4:]] for row in expected]
        np.testing.assert_allclose(rows, sorted(list(map(float, row)) for row in expected), atol=TOLERANCE, rtol=0)

    def test_an_answer_comes_with_the_boxes(self):
        image, _ = self.image()
        request = MESSAGES.PerceiveAndAnswerRequest(images=[image], question="How many dogs are there?")
        request.generation.max_new_token_count = 8
        reply = self.stub.PerceiveAndAnswer(request, timeout=CALL_SECONDS)
        self.assertTrue(reply.images[0].detections)
        self.assertGreater(reply.usage.answer_token_count, 0)


class SecondVersionTest(ImportedDetectorTest):
    VERSION = 2


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
