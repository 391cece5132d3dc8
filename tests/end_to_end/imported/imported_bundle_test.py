# SPDX-License-Identifier: Apache-2.0
"""A checkpoint as Hugging Face publishes it, imported, served and asked: the answers are those of its weights.

imported_bundle_test.py SERVER BUNDLE PHOTO WORK_FOLDER

The checkpoint is tiny and random; what it must answer is computed from its files with numpy.
"""

import pathlib
import shutil
import subprocess
import sys
import unittest

SERVER, BUNDLE, PHOTO, WORK = (pathlib.Path(argument).resolve() for argument in sys.argv[1:5])
ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path += [str(ROOT / "tests" / "quality"), str(ROOT / "tests" / "model" / "import")]

import grpc  # noqa: E402
import numpy as np  # noqa: E402

import contract  # noqa: E402
import reference_decoder  # noqa: E402
import server_process  # noqa: E402
import tiny_checkpoint  # noqa: E402

CALL_SECONDS = 120
TOKENS = 24
CONTRACT = contract.generate(ROOT / "proto", WORK / "stubs")
MESSAGES = CONTRACT.messages
# Says something where no one gave a system turn, and trims every turn.
TEMPLATE = """{%- if messages[0]['role'] != 'system' %}
    {{- '<|im_start|>system\\nBe brief.<|im_end|>\\n' }}
{%- endif %}
{%- for turn in messages %}
    {{- '<|im_start|>' ~ turn.role ~ '\\n' ~ turn.content | trim ~ '<|im_end|>' ~ '\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"""


def weights(values: dict) -> dict:
    """Random ones that say letters and do not repeat themselves at once."""
    tensors = tiny_checkpoint.tensors(values)
    first = len(tiny_checkpoint.SPECIAL)
    letters = slice(first + ord("a"), first + ord("z") + 1)
    for name, value in tensors.items():
        if name in ("model.embed_tokens.weight", "lm_head.weight"):
            value[letters] *= 5
        elif "norm" not in name:
            value *= 5
    return tensors


def token_ids(turns: list[tuple[str, str]]) -> list[int]:
    """What TEMPLATE writes for these turns, a byte a token, and what opens the answer."""
    first, start, end = len(tiny_checkpoint.SPECIAL), [1], [2]

    def plain(text):
        return [first + byte for byte in text.encode()]

    if turns[0][0] != "system":
        turns = [("system", "Be brief."), *turns]
    ids = []
    for role, text in turns:
        ids += start + plain(f"{role}\n{text.strip()}") + end + plain("\n")
    return ids + start + plain("assistant\n")


class ImportedBundleTest(unittest.TestCase):
    CONFIG = tiny_checkpoint.config()

    @classmethod
    def setUpClass(cls):
        folder = WORK / cls.CONFIG["model_type"]
        shutil.rmtree(folder, ignore_errors=True)
        cls.weights = weights(cls.CONFIG)
        language = tiny_checkpoint.write(folder / "checkpoint", cls.CONFIG, TEMPLATE, cls.weights)
        program = ROOT / "model" / "import" / "import_bundle.py"
        command = [
            sys.executable,
            program,
            "--language",
            language,
            "--perception",
            BUNDLE,
            "--out",
            folder / "imported",
        ]
        subprocess.run(list(map(str, command)), check=True, timeout=300)
        settings = ["device.dtype=float32", "second_look.mode=off"]
        address = cls.enterClassContext(server_process.running(SERVER, folder / "imported", folder, settings))
        cls.stub = CONTRACT.service.MrMllmServiceStub(grpc.insecure_channel(address))
        cls.photo = MESSAGES.Image(content=PHOTO.read_bytes())
        cls.generation = MESSAGES.GenerationSettings(
            max_new_token_count=TOKENS, temperature=0, repetition_penalty=1, stop=[]
        )

    def ask(self, question, turns=(), images=()):
        turns = [MESSAGES.Turn(role=f"ROLE_{role.upper()}", text=text) for role, text in turns]
        request = MESSAGES.AskRequest(question=question, turns=turns, images=images, generation=self.generation)
        return self.stub.Ask(request, timeout=CALL_SECONDS)

    def expected(self, turns):
        decoder = reference_decoder.ReferenceDecoder(self.CONFIG, self.weights)
        ids = decoder.answer(token_ids(turns), TOKENS)
        return bytes(each - len(tiny_checkpoint.SPECIAL) for each in ids).decode()

    def test_answers_are_those_of_the_checkpoint(self):
        for turns in (
            [("user", "What is a cow?")],
            [("user", "  Ünicode, and space around \n")],
            [("system", "You are a poet."), ("user", "Say something.")],
            [("user", "Hello"), ("assistant", " Hi! "), ("user", "Who are you?")],
        ):
            with self.subTest(turns):
                reply = self.ask(turns[-1][1], turns[:-1])
                self.assertEqual(reply.answer, self.expected(turns))
                self.assertEqual(reply.usage.prompt_token_count, len(token_ids(turns)))

    def test_a_photo_reaches_the_answer_as_text_in_the_prompt(self):
        reply = self.ask("How many cows are there?", images=[self.photo])
        self.assertGreater(reply.usage.perception_token_count, 0)
        self.assertEqual(reply.usage.answer_token_count, TOKENS)
        self.assertTrue(reply.answer)

    def test_boxes_are_those_of_the_perception(self):
        reply = self.stub.Detect(MESSAGES.DetectRequest(images=[self.photo]), timeout=CALL_SECONDS)
        self.assertIn("cow", [detection.label for detection in reply.images[0].detections])

    def test_the_random_answers_differ_from_each_other(self):
        answers = {self.expected([("user", question)]) for question in ("a", "What is a cow?", "dog")}
        self.assertEqual(len(answers), 3)
        self.assertTrue(all(np.unique(list(answer)).size > 2 for answer in answers), answers)


class Qwen2BundleTest(ImportedBundleTest):
    CONFIG = tiny_checkpoint.qwen2_config()


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
