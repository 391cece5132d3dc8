# SPDX-License-Identifier: Apache-2.0
"""Triton's own client (`tritonclient` from PyPI) against the real server and real photos.

triton_client_test.py SERVER CLIENT BUNDLE PHOTOS WORK

CLIENT is our own command, whose `detect` and `perceive` say what the tensors must say.
"""

import asyncio
import contextlib
import json
import pathlib
import queue
import subprocess
import sys
import unittest
import urllib.request

import numpy
import tritonclient.grpc as triton
import tritonclient.grpc.aio as triton_asyncio
from tritonclient.utils import InferenceServerException

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path += [str(ROOT / "tests/quality"), str(ROOT / "client/python")]
import server_process  # noqa: E402
import triton_detect  # noqa: E402

SERVER, CLIENT, BUNDLE, PHOTOS, WORK = (pathlib.Path(argument).resolve() for argument in sys.argv[1:6])
MODEL = json.loads((BUNDLE / "config.json").read_text())["name"]
DOGS = PHOTOS / "two_dogs.jpg"
QUESTION = "How many dogs are there?"
TIMEOUT_SECONDS = 120
# The command prints four decimals.
TOLERANCE = 0.5e-4 + 1e-6


def bytes_input(name: str, elements: list[bytes]) -> triton.InferInput:
    tensor = triton.InferInput(name, [len(elements)], "BYTES")
    tensor.set_data_from_numpy(numpy.array(elements, dtype=numpy.object_))
    return tensor


def image_input(*photos: pathlib.Path) -> triton.InferInput:
    return bytes_input("image", [photo.read_bytes() for photo in photos])


def texts(result: triton.InferResult, name: str) -> list[str]:
    return [element.decode() for element in result.as_numpy(name)]


class TritonClientTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        WORK.mkdir(parents=True, exist_ok=True)
        stack = contextlib.ExitStack()
        cls.addClassCleanup(stack.close)
        settings = ["log.format=json", f"metrics.port_file={WORK / 'metrics.port'}"]
        cls.address = stack.enter_context(server_process.running(SERVER, BUNDLE, WORK, settings))
        cls.client = stack.enter_context(triton.InferenceServerClient(cls.address))

    def ours(self, *arguments: str) -> dict:
        command = [str(CLIENT), "--server", self.address, "--timeout", f"{TIMEOUT_SECONDS}s", "--json", *arguments]
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=TIMEOUT_SECONDS)
        return json.loads(done.stdout.splitlines()[-1])

    def infer(self, inputs: list[triton.InferInput], **options) -> triton.InferResult:
        return self.client.infer(options.pop("model", MODEL), inputs, client_timeout=TIMEOUT_SECONDS, **options)

    def refused(self, status: str, text: str, call, *arguments, **options):
        with self.assertRaises(InferenceServerException) as caught:
            call(*arguments, **options)
        self.assertEqual(caught.exception.status(), f"StatusCode.{status}")
        self.assertIn(text, caught.exception.message())

    def assert_same_objects(self, result: triton.InferResult, ours: dict):
        found = ours["detections"]
        self.assertGreater(len(found), 0)
        self.assertEqual(texts(result, "labels"), [one["label"] for one in found])
        numpy.testing.assert_allclose(result.as_numpy("boxes"), [one["box"] for one in found], rtol=0, atol=TOLERANCE)
        numpy.testing.assert_allclose(
            result.as_numpy("scores"), [one["score"] for one in found], rtol=0, atol=TOLERANCE
        )
        self.assertEqual(result.as_numpy("image_size").tolist(), [[ours["width"], ours["height"]]])

    def test_the_server_and_its_model_are_live_and_ready(self):
        self.assertTrue(self.client.is_server_live())
        self.assertTrue(self.client.is_server_ready())
        self.assertTrue(self.client.is_model_ready(MODEL))
        self.assertTrue(self.client.is_model_ready(MODEL, "1"))
        self.assertFalse(self.client.is_model_ready("another"))
        self.assertFalse(self.client.is_model_ready(MODEL, "99"))

    def test_metadata_tell_what_infer_takes_and_gives(self):
        server = self.client.get_server_metadata()
        self.assertEqual(server.name, "mrmllm")
        self.assertRegex(server.version, r"^\d+\.\d+")
        model = self.client.get_model_metadata(MODEL)
        self.assertEqual((model.name, model.platform, list(model.versions)), (MODEL, "mrmllm", ["1"]))
        self.assertEqual([tensor.name for tensor in model.inputs], ["image", "image_id", "question"])
        promised = {tensor.name: tensor for tensor in model.outputs}
        result = self.infer([image_input(DOGS), bytes_input("question", [b"What?"])])
        given = {tensor.name: tensor for tensor in result.get_response().outputs}
        self.assertEqual(list(given), list(promised))
        for name, tensor in given.items():
            self.assertEqual(tensor.datatype, promised[name].datatype)
            for side, promise in zip(tensor.shape, promised[name].shape, strict=True):
                self.assertIn(promise, (-1, side))

    def test_objects_are_those_of_detect_in_every_photo(self):
        for photo in sorted(PHOTOS.glob("*.jpg")):
            with self.subTest(photo=photo.name):
                result = self.infer([image_input(photo)], request_id=photo.name)
                self.assert_same_objects(result, self.ours("detect", str(photo)))
                self.assertEqual(result.get_response().id, photo.name)
                self.assertIsNone(result.as_numpy("answer"))

    def test_several_images_are_told_apart_by_their_index(self):
        photos = [DOGS, PHOTOS / "cows.jpg"]
        result = self.infer([image_input(*photos)])
        index, labels = result.as_numpy("image_index"), texts(result, "labels")
        for i, photo in enumerate(photos):
            expected = [one["label"] for one in self.ours("detect", str(photo))["detections"]]
            self.assertEqual([label for label, at in zip(labels, index, strict=True) if at == i], expected)
        self.assertEqual(result.as_numpy("image_size").shape, (2, 2))

    def test_a_question_brings_the_answer_of_perceive(self):
        result = self.infer([image_input(DOGS), bytes_input("question", [QUESTION.encode()])])
        ours = self.ours("perceive", "-q", QUESTION, str(DOGS))
        self.assertEqual(texts(result, "answer"), [ours["answer"]])
        self.assert_same_objects(result, ours["images"][0])
        self.assertEqual(result.get_response().parameters["finish_reason"].string_param, "stop")

    def test_a_question_needs_no_image(self):
        result = self.infer([bytes_input("question", [b"What is a cow?"])])
        self.assertEqual(texts(result, "answer"), [self.ours("ask", "-q", "What is a cow?")["answer"]])
        self.assertIsNone(result.as_numpy("boxes"))

    def test_an_image_id_stands_for_the_image(self):
        first = self.infer([image_input(DOGS)])
        again = self.infer([bytes_input("image_id", [first.as_numpy("image_id")[0]])])
        numpy.testing.assert_array_equal(first.as_numpy("boxes"), again.as_numpy("boxes"))

    def test_pixels_may_come_as_an_array(self):
        pixels = numpy.full((48, 64, 3), 127, dtype=numpy.uint8)
        tensor = triton.InferInput("image", list(pixels.shape), "UINT8")
        tensor.set_data_from_numpy(pixels)
        result = self.infer([tensor], parameters={"score_threshold": 0.99})
        self.assertEqual(result.as_numpy("image_size").tolist(), [[64, 48]])
        self.assertEqual(result.as_numpy("boxes").shape, (0, 4))
        self.assertEqual(result.as_numpy("labels").shape, (0,))

    def test_outputs_are_those_that_were_asked_for(self):
        wanted = [triton.InferRequestedOutput("labels"), triton.InferRequestedOutput("scores")]
        result = self.infer([image_input(DOGS)], outputs=wanted)
        self.assertEqual([tensor.name for tensor in result.get_response().outputs], ["labels", "scores"])
        self.assertEqual(len(texts(result, "labels")), result.as_numpy("scores").size)

    def test_parameters_are_the_settings_of_our_contract(self):
        parameters = {"classes": "dog", "score_threshold": 0.05, "max_object_count": 1, "max_new_tokens": 2}
        result = self.infer(
            [image_input(DOGS), bytes_input("question", [QUESTION.encode()])], parameters=parameters, priority=1
        )
        self.assertEqual(texts(result, "labels"), ["dog"])
        told = result.get_response().parameters
        self.assertEqual(told["answer_token_count"].int64_param, 2)
        self.assertEqual(told["finish_reason"].string_param, "length")

    def test_infer_without_waiting(self):
        done = queue.Queue()
        for name in ("first", "second"):
            self.client.async_infer(
                MODEL, [image_input(DOGS)], lambda result, error: done.put((result, error)), request_id=name
            )
        outcomes = [done.get(timeout=TIMEOUT_SECONDS) for _ in range(2)]
        self.assertEqual([error for _, error in outcomes], [None, None])
        self.assertEqual({result.get_response().id for result, _ in outcomes}, {"first", "second"})

    def test_a_timeout_of_the_request_holds(self):
        question = bytes_input("question", [b"Tell me a long story about a dog."])
        self.refused("DEADLINE_EXCEEDED", "deadline", self.infer, [question], timeout=1)

    def test_what_is_wrong_is_named(self):
        dogs = image_input(DOGS)
        floats = triton.InferInput("image", [1], "FP32")
        floats.set_data_from_numpy(numpy.zeros(1, dtype=numpy.float32))
        masks = [triton.InferRequestedOutput("masks")]
        for text, inputs, options in (
            ("inputs['image'].datatype: expected BYTES (files) or UINT8 (pixels), got 'FP32'", [floats], {}),
            ("inputs['picture']: expected one of image,", [bytes_input("picture", [b"x"])], {}),
            ("inputs['question'].shape: expected [1], got [2]", [bytes_input("question", [b"a", b"b"])], {}),
            ("inputs['image'][1].content: ", [bytes_input("image", [DOGS.read_bytes(), b"no picture"])], {}),
            ("outputs['masks']: expected one of boxes,", [dogs], {"outputs": masks}),
            ("parameters['speed']: expected one of score_threshold,", [dogs], {"parameters": {"speed": 9}}),
            ("parameters.temperature: expected a number in [0, 2]", [dogs], {"parameters": {"temperature": 3.5}}),
            ("parameters['sequence_end']: expected one of", [dogs], {"sequence_id": 7}),
        ):
            with self.subTest(text=text):
                self.refused("INVALID_ARGUMENT", text, self.infer, inputs, **options)

    def test_an_unknown_model_is_not_found(self):
        self.refused("NOT_FOUND", "another", self.infer, [image_input(DOGS)], model="another")
        self.refused("NOT_FOUND", "99", self.infer, [image_input(DOGS)], model_version="99")
        self.refused("NOT_FOUND", "another", self.client.get_model_metadata, "another")

    def test_extensions_of_triton_are_not_implemented(self):
        self.refused("UNIMPLEMENTED", "", self.client.get_inference_statistics)

    def test_the_example_prints_objects_and_answer(self):
        lines = list(triton_detect.describe(self.address, str(DOGS), QUESTION, MODEL))
        self.assertIn("dog", lines[0])
        self.assertEqual(lines[-1], self.ours("perceive", "-q", QUESTION, str(DOGS))["answer"])

    def test_infer_with_asyncio(self):
        async def infer() -> list[str]:
            async with triton_asyncio.InferenceServerClient(self.address) as client:
                results = await asyncio.gather(*(client.infer(MODEL, [image_input(DOGS)]) for _ in range(3)))
                return [texts(result, "labels") for result in results]

        expected = [one["label"] for one in self.ours("detect", str(DOGS))["detections"]]
        self.assertEqual(asyncio.run(infer()), [expected] * 3)

    def test_requests_are_counted_and_logged_under_their_method(self):
        self.infer([image_input(DOGS)])
        port = (WORK / "metrics.port").read_text().strip()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=TIMEOUT_SECONDS) as page:
            metrics = page.read().decode()
        self.assertRegex(metrics, r'mrmllm_requests_total\{code="OK",method="ModelInfer"\} [1-9]')
        self.assertIn('"ModelInfer"', (WORK / "server.log").read_text())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
