# SPDX-License-Identifier: Apache-2.0
"""An RT-DETR's directory takes the place of a bundle's detector, or is refused by key, value or tensor."""

import json
import pathlib
import re
import tempfile
import unittest

import numpy as np

import tiny_checkpoint
import tiny_perception
from hugging_face.refusal import Refusal
from perception_bundle import Perception

LABELS = ["cat", "dog", "car"]


def config(**changes):
    """A config.json as transformers 4 wrote it, of a network of a few channels."""
    values = {
        "activation_function": "silu", "anchor_image_size": None, "architectures": ["RTDetrForObjectDetection"],
        "auxiliary_loss": True, "batch_norm_eps": 1e-05, "d_model": 32, "decoder_activation_function": "relu",
        "decoder_attention_heads": 4, "decoder_ffn_dim": 48, "decoder_in_channels": [24, 24, 24], "decoder_layers": 2,
        "decoder_n_points": 4, "disable_custom_kernels": True, "dropout": 0.0, "encode_proj_layers": [2],
        "encoder_activation_function": "gelu", "encoder_attention_heads": 2, "encoder_ffn_dim": 40,
        "encoder_hidden_dim": 24, "encoder_in_channels": [12, 20, 28], "encoder_layers": 1, "eval_size": None,
        "feat_strides": [8, 16, 32], "freeze_backbone_batch_norms": True, "hidden_expansion": 0.5,
        "id2label": {str(i): label for i, label in enumerate(LABELS)}, "is_encoder_decoder": True,
        "layer_norm_eps": 1e-05, "learn_initial_query": False, "model_type": "rt_detr", "normalize_before": False,
        "num_denoising": 100, "num_feature_levels": 3, "num_queries": 24, "positional_encoding_temperature": 10000,
        "torch_dtype": "float32", "transformers_version": "4.46.3", "use_focal_loss": True, "weight_loss_bbox": 5.0,
        "with_box_refine": True,
        "backbone_config": {
            "depths": [1, 2, 1, 1], "downsample_in_bottleneck": False, "downsample_in_first_stage": False,
            "embedding_size": 8, "hidden_act": "relu", "hidden_sizes": [8, 12, 20, 28], "layer_type": "basic",
            "model_type": "rt_detr_resnet", "num_channels": 3, "out_features": ["stage2", "stage3", "stage4"],
            "out_indices": [2, 3, 4], "stage_names": ["stem", "stage1", "stage2", "stage3", "stage4"],
        },
    } | changes  # fmt: skip
    return {key: value for key, value in values.items() if value is not None or key == "eval_size"}


def preprocessor(**changes):
    return {
        "do_normalize": False, "do_pad": False, "do_rescale": True, "do_resize": True, "resample": 2,
        "format": "coco_detection", "image_mean": [0.5, 0.25, 0.125], "image_std": [0.5, 0.5, 0.25],
        "image_processor_type": "RTDetrImageProcessor", "rescale_factor": 0.00392156862745098,
        "size": {"height": 128, "width": 128},
    } | changes  # fmt: skip


class RtDetrImportTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.root = pathlib.Path(scratch.name)
        self.folder = self.root / "rtdetr"
        self.folder.mkdir()
        self.bundle = tiny_perception.write(self.root / "eyes")
        one = np.ones(2, np.float32)
        self.weights = {
            "model.backbone.model.x.weight": one, "model.decoder.class_embed.0.weight": one * 2, "model.anchors": one,
            "model.backbone.model.x.normalization.num_batches_tracked": one, "class_embed.0.weight": one * 2,
            "bbox_embed.0.layers.0.weight": one * 3, "model.denoising_class_embed.weight": one,
        }  # fmt: skip

    def read(self, values=None, processing=None, **weights):
        (self.folder / "config.json").write_text(json.dumps(values or config()))
        (self.folder / "preprocessor_config.json").write_text(json.dumps(processing or preprocessor()))
        tiny_checkpoint.save(self.folder / "model.safetensors", self.weights | weights)
        return Perception(self.bundle, self.folder)

    def assert_refused(self, pattern, *arguments, **weights):
        with self.assertRaisesRegex(Refusal, pattern):
            self.read(*arguments, **weights)

    def test_the_detector_changes_and_the_encoder_stays(self):
        perception = self.read()
        self.assertEqual(
            sorted(perception.entries),
            [
                "detector.model.backbone.model.x.weight",
                "detector.model.decoder.bbox_embed.0.layers.0.weight",
                "detector.model.decoder.class_embed.0.weight",
                "vision_encoder.stem.weight",
            ],
        )
        self.assertEqual(set(perception.section("vision_encoder")["finer_names"]), set(LABELS))

    def test_the_section_has_the_keys_that_the_family_wants(self):
        section = self.read().section("detector")
        self.assertEqual(
            {key: value for key, value in section.items() if key not in ("rt_detr", "labels")},
            {
                "family": "rt_detr", "input_size": 128, "channel_order": "RGB", "resize": "stretch",
                "mean": [0.0, 0.0, 0.0], "std": [255.0, 255.0, 255.0], "strides": [8, 16, 32], "neck_channels": 24,
                "nms_iou_threshold": 1.0, "coincident_iou_threshold": 1.0, "candidate_threshold": 0.05,
                "unsure_threshold": 0.3, "sure_threshold": 0.5,
            },
        )  # fmt: skip
        self.assertEqual(section["labels"], LABELS)
        inner = section["rt_detr"]
        self.assertEqual((inner["decoder_offset_scale"], inner["decoder_method"]), (0.5, "default"))
        self.assertEqual(inner["backbone"]["hidden_sizes"], [8, 12, 20, 28])
        readme = (tiny_perception.ROOT / "model" / "perception" / "rt_detr" / "README.md").read_text()
        keys = [
            row.split("|")[1] for row in readme.split("| key of `detector.rt_detr`")[1].splitlines()[2:] if "|" in row
        ]
        self.assertLessEqual(set(inner), set(re.findall(r"`(\w+)`", " ".join(keys))))
        self.assertEqual(len(inner), 20)

    def test_the_second_version_says_more(self):
        second = {
            "architectures": ["RTDetrV2ForObjectDetection"], "model_type": "rt_detr_v2", "decoder_n_levels": 3,
            "decoder_offset_scale": 0.25, "decoder_method": "discrete", "disable_custom_kernels": None,
        }  # fmt: skip
        inner = self.read(config(**second)).section("detector")["rt_detr"]
        self.assertEqual((inner["decoder_offset_scale"], inner["decoder_method"]), (0.25, "discrete"))
        self.assert_refused("decoder_n_levels: expected 3", config(**(second | {"decoder_n_levels": 4})))
        self.assert_refused("decoder_method: this key is not understood", config(decoder_method="default"))

    def test_normalised_pixels(self):
        section = self.read(None, preprocessor(do_normalize=True)).section("detector")
        self.assertEqual((section["mean"], section["std"]), ([127.5, 63.75, 31.875], [127.5, 127.5, 63.75]))

    def test_what_makes_another_network_is_refused(self):
        backbone = config()["backbone_config"]
        for changes, pattern in (
            ({"architectures": ["DetrForObjectDetection"]}, "architectures: expected"),
            ({"learn_initial_query": True}, "learn_initial_query: expected False"),
            ({"normalize_before": True}, "normalize_before: expected False"),
            ({"with_box_refine": False}, "with_box_refine: expected True"),
            ({"eval_size": [640, 640]}, "eval_size: expected None"),
            ({"anchor_image_size": [64, 64]}, r"anchor_image_size: expected \[128, 128\]"),
            ({"decoder_in_channels": [24, 24, 8]}, "decoder_in_channels: expected"),
            ({"encoder_in_channels": [8, 12, 20]}, "encoder_in_channels: expected"),
            ({"activation_function": "tanh"}, "activation_function: expected gelu or relu or silu"),
            ({"id2label": {"1": "a"}}, "id2label: expected a name for every class"),
            ({"id2label": {"0": "a", "1": "a"}}, "id2label: expected"),
            ({"backbone": "resnet18d"}, "backbone: expected None"),
            ({"backbone_config": backbone | {"model_type": "resnet"}}, "backbone_config.model_type: expected"),
            ({"backbone_config": backbone | {"out_indices": [1, 2, 3]}}, "backbone_config.out_indices: expected"),
            ({"backbone_config": backbone | {"magic": 1}}, "backbone_config.magic: this key is not understood"),
            ({"magic": 1}, "config.json: magic: this key is not understood"),
        ):
            with self.subTest(changes):
                self.assert_refused(pattern, config(**changes))

    def test_other_preprocessing_is_refused(self):
        for changes, pattern in (
            ({"do_resize": False}, "do_resize: expected True"),
            ({"do_pad": True}, "do_pad: expected False"),
            ({"resample": 3}, "resample: expected 2"),
            ({"rescale_factor": 1.0}, "rescale_factor: expected 0.0039"),
            ({"size": {"height": 128, "width": 96}}, "size.width: expected the height 128"),
            ({"size": {"height": 100, "width": 100}}, "size.height: expected a multiple of the stride 32"),
            ({"size": {"shortest_edge": 800}}, "size.height: expected a whole number"),
            ({"image_std": [0, 1, 1], "do_normalize": True}, "image_std: expected numbers above 0"),
            ({"magic": 1}, "preprocessor_config.json: magic: this key is not understood"),
        ):
            with self.subTest(changes):
                self.assert_refused(pattern, None, preprocessor(**changes))

    def test_tensors_that_have_no_place(self):
        self.assert_refused(
            "tensor 'lm_head.weight': has no place in an RT-DETR", **{"lm_head.weight": np.ones(1, np.float32)}
        )
        self.assert_refused(
            "has another shape than 'model.decoder.class", **{"class_embed.0.weight": np.ones(1, np.float32)}
        )
        self.weights = {"model.encoder.x": np.ones(1, np.float32)}
        self.assert_refused("is this an RT-DETR")


if __name__ == "__main__":
    unittest.main()
