# SPDX-License-Identifier: Apache-2.0
"""A config.json is understood key by key, or refused by key and value."""

import json
import pathlib
import tempfile
import unittest

import tiny_checkpoint
from hugging_face.language import generation, language_config, tokenizer_files
from hugging_face.refusal import Refusal

LLAMA3 = {
    "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
    "original_max_position_embeddings": 1024,
}  # fmt: skip


def mistral(**changes):
    values = {
        "architectures": ["MistralForCausalLM"], "model_type": "mistral", "attention_bias": None, "mlp_bias": None,
        "pretraining_tp": None,
    }  # fmt: skip
    return tiny_checkpoint.config(**(values | changes))


class DirectoryTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)

    def write(self, name, value):
        (self.folder / name).write_text(json.dumps(value))


class LanguageConfigTest(DirectoryTest):
    def read(self, values, context=None):
        self.write("config.json", values)
        return language_config.read(self.folder, context)

    def assert_refused(self, values, pattern, context=None):
        with self.assertRaisesRegex(Refusal, f"config.json: {pattern}"):
            self.read(values, context)

    def test_the_three_families(self):
        self.assertEqual(self.read(tiny_checkpoint.config())["family"], "llama")
        self.assertEqual(self.read(mistral(sliding_window=None))["family"], "mistral")
        qwen2 = self.read(tiny_checkpoint.qwen2_config())
        self.assertEqual((qwen2["family"], qwen2["attention_bias"]), ("qwen2", True))

    def test_old_files_that_say_less(self):
        section = self.read(tiny_checkpoint.config(num_key_value_heads=None, rope_theta=None, mlp_bias=None))
        self.assertEqual((section["num_key_value_heads"], section["rope_theta"]), (4, 10000.0))
        self.assert_refused(mistral(num_key_value_heads=None), "num_key_value_heads: expected a whole number")

    def test_a_head_wider_than_its_share(self):
        self.assertEqual(self.read(mistral(head_dim=128))["head_dim"], 128)
        self.assert_refused(tiny_checkpoint.config(hidden_size=66), "num_attention_heads: expected a divisor")
        self.assert_refused(tiny_checkpoint.config(head_dim=15), "head_dim: expected an even number, got 15")

    def test_what_is_not_understood_is_refused_by_key_and_value(self):
        for key, value, expected in (
            ("hidden_act", "gelu", "hidden_act: expected 'silu' or None .nothing else is understood., got 'gelu'"),
            ("mlp_bias", True, "mlp_bias: expected False or None"),
            ("mlp_bias", 0, "mlp_bias: expected False or None"),
            ("attention_bias", True, "attention_bias: expected False"),
            ("quantization_config", {"bits": 4}, "quantization_config: expected None .* got {'bits': 4}"),
            ("auto_map", {"AutoModel": "evil.Model"}, "auto_map: expected None"),
            ("num_local_experts", 8, "num_local_experts: this key is not understood .its value is 8"),
            ("architectures", ["LlamaForSequenceClassification"], "architectures: expected .one of LlamaForCausalLM"),
            ("architectures", None, "architectures: expected .* got nothing"),
            ("model_type", "gemma", "model_type: expected 'llama'"),
            ("hidden_size", "64", "hidden_size: expected a whole number"),
            ("hidden_size", 2**40, "hidden_size: expected a whole number"),
            ("num_hidden_layers", True, "num_hidden_layers: expected a whole number"),
            ("vocab_size", None, "vocab_size: expected a whole number"),
            ("num_key_value_heads", 3, "num_key_value_heads: expected a divisor of num_attention_heads 4"),
            ("rms_norm_eps", -1.0, "rms_norm_eps: expected a number"),
            ("tie_word_embeddings", "yes", "tie_word_embeddings: expected true or false"),
        ):
            with self.subTest(key=key, value=value):
                self.assert_refused(tiny_checkpoint.config(**{key: value}), expected)

    def test_rotary_positions_of_both_forms(self):
        four = self.read(tiny_checkpoint.config(rope_theta=5e5, rope_scaling=LLAMA3))
        five = tiny_checkpoint.config(rope_theta=None, rope_parameters=LLAMA3 | {"rope_theta": 5e5})
        self.assertEqual((four["rope_theta"], four["rope_scaling"]), (5e5, LLAMA3))
        self.assertEqual(self.read(five), four)
        linear = self.read(tiny_checkpoint.config(rope_scaling={"type": "linear", "factor": 2}))
        self.assertEqual(linear["rope_scaling"], {"rope_type": "linear", "factor": 2.0})
        plain = tiny_checkpoint.config(rope_parameters={"rope_type": "default", "rope_theta": 10000.0})
        self.assertNotIn("rope_scaling", self.read(plain))

    def test_a_context_shorter_than_that_of_the_first_training(self):
        values = tiny_checkpoint.config(rope_scaling=LLAMA3)
        self.assertEqual(self.read(values, 1024)["max_position_embeddings"], 1024)
        self.assert_refused(values, "the longest conversation may not be below .* 1024", 1023)

    def test_rotary_positions_that_are_not_understood(self):
        for scaling, expected in (
            ({"rope_type": "yarn", "factor": 4.0}, "rope_type: expected 'default', 'linear' or 'llama3', got 'yarn'"),
            ({"type": "linear", "rope_type": "llama3", "factor": 2}, "rope_scaling.rope_type: expected one type"),
            ({"factor": 2}, "rope_scaling.rope_type: expected one type"),
            ({"rope_type": "linear"}, "rope_scaling.factor: expected a number"),
            ({"rope_type": "linear", "factor": 2, "beta": 1}, "rope_scaling.beta: this key is not understood"),
            (LLAMA3 | {"high_freq_factor": 1.0}, "rope_scaling.high_freq_factor: expected more than"),
            (LLAMA3 | {"rope_theta": 7.0}, "rope_scaling.rope_theta: expected 10000.0"),
            ("linear", "rope_scaling: expected an object"),
        ):
            with self.subTest(scaling=scaling):
                self.assert_refused(tiny_checkpoint.config(rope_scaling=scaling), expected)

    def test_a_sliding_window_is_understood_up_to_its_width(self):
        self.assertEqual(self.read(mistral(sliding_window=2048))["max_position_embeddings"], 2048)
        self.assert_refused(
            mistral(sliding_window=512), "sliding_window: expected null or at least 2048 .*--context 512"
        )
        self.assertEqual(self.read(mistral(sliding_window=512), 512)["max_position_embeddings"], 512)
        self.assert_refused(mistral(sliding_window=512), "sliding_window", 513)
        self.assert_refused(mistral(), "--context 4096 is more than max_position_embeddings 2048", 4096)

    def test_qwens_window_counts_only_where_it_is_used(self):
        qwen2 = tiny_checkpoint.qwen2_config
        self.read(qwen2(sliding_window=16))
        self.assert_refused(qwen2(sliding_window=16, use_sliding_window=True), "sliding_window")
        self.read(qwen2(sliding_window=16, use_sliding_window=True, max_window_layers=3))
        self.read(qwen2(layer_types=["full_attention"] * 3))
        self.assert_refused(qwen2(sliding_window=16, layer_types=["sliding_attention"] * 3), "sliding_window")
        self.assert_refused(qwen2(layer_types=["full_attention", "linear"]), "layer_types: expected 3 of")


class GenerationTest(DirectoryTest):
    def test_the_tokens_that_end_an_answer(self):
        self.write("config.json", {"eos_token_id": 5})
        self.assertEqual(generation.eos_token_ids(self.folder, 10), [5])
        self.write("generation_config.json", {"eos_token_id": [9, 7, 9], "temperature": 0.6})
        self.assertEqual(generation.eos_token_ids(self.folder, 10), [7, 9])
        for bad in (10, -1, "2", [True]):
            self.write("generation_config.json", {"eos_token_id": bad})
            with self.assertRaisesRegex(Refusal, "generation_config.json: eos_token_id: expected token ids below"):
                generation.eos_token_ids(self.folder, 10)
        self.write("config.json", {})
        self.write("generation_config.json", {})
        with self.assertRaisesRegex(Refusal, "eos_token_id: expected one in"):
            generation.eos_token_ids(self.folder, 10)


class TokenizerFilesTest(DirectoryTest):
    def test_a_tokenizer_that_does_not_fit_the_model(self):
        sound = tiny_checkpoint.tokenizer()
        self.write("tokenizer.json", sound)
        self.assertEqual(tokenizer_files.read_tokenizer(self.folder, 259)[1], set(tiny_checkpoint.SPECIAL))
        with self.assertRaisesRegex(Refusal, "expected token ids below vocab_size 258 of config.json, got 258"):
            tokenizer_files.read_tokenizer(self.folder, 258)
        self.write("tokenizer.json", sound | {"model": {"type": "Unigram", "vocab": []}})
        with self.assertRaisesRegex(Refusal, "model.type: expected 'BPE', got 'Unigram'"):
            tokenizer_files.read_tokenizer(self.folder, 259)

    def test_a_directory_with_sentencepiece_alone(self):
        (self.folder / "tokenizer.model").write_bytes(b"")
        with self.assertRaisesRegex(Refusal, "expected tokenizer.json; a directory with tokenizer.model alone"):
            tokenizer_files.read_tokenizer(self.folder, 259)

    def test_where_templates_are_found(self):
        with self.assertRaisesRegex(Refusal, "has no chat template"):
            tokenizer_files.chat_template(self.folder)
        self.write("tokenizer_config.json", {"chat_template": [{"name": "default", "template": "x"}]})
        self.assertEqual(tokenizer_files.chat_template(self.folder)[1], "x")
        (self.folder / "chat_template.jinja").write_text("y")
        self.assertEqual(tokenizer_files.chat_template(self.folder)[1], "y")

    def test_special_tokens_in_either_form(self):
        self.write("tokenizer_config.json", {"bos_token": {"content": "<s>"}, "eos_token": None})
        self.write("special_tokens_map.json", {"bos_token": "<x>", "eos_token": "</s>"})
        self.assertEqual(tokenizer_files.special_tokens(self.folder), {"bos_token": "<s>", "eos_token": "</s>"})


if __name__ == "__main__":
    unittest.main()
