# SPDX-License-Identifier: Apache-2.0
"""Measures the service through its front door: boxes, presence, counting, latency.

  evaluate.py --photos FOLDER --annotations INSTANCES.json [--server HOST:PORT] [--limit N]

Starts the server on a free port unless --server names a running one. Writes report.json and report.md to --out.
"""

import argparse
import concurrent.futures
import contextlib
import json
import pathlib
import sys
import time

import answers
import contract
import detection_score
import latency
import questions
import report
import server_process
from annotations import Annotations, Photo
from annotations import load as load_annotations
from service_client import ServiceClient

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONCURRENT_QUESTIONS = 4
PRESENCE_TOKENS = 12
COUNT_TOKENS = 16
LATENCY_PHOTOS = 16
PERCEPTION = {"on": True, "off": False}


def main() -> None:
    options = parse_arguments()
    options.out.mkdir(parents=True, exist_ok=True)
    annotations = load_annotations(options.photos, options.annotations, options.limit)
    stubs = contract.generate(ROOT / "proto", options.out / "stubs")
    with contextlib.ExitStack() as stack:
        address = options.server or stack.enter_context(
            server_process.running(options.binary, options.bundle, options.out, options.set)
        )
        client = ServiceClient(address, stubs)
        stack.callback(client.close)
        text = report.write(measure(client, annotations, options), options.out)
    print(text)
    print(f"Written: {options.out / 'report.json'} and {options.out / 'report.md'}")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=pathlib.Path, required=True, help="folder of the annotated photos")
    parser.add_argument("--annotations", type=pathlib.Path, required=True, help="COCO instances file")
    parser.add_argument("--server", help="host:port of a running server instead of one of our own")
    parser.add_argument("--binary", type=pathlib.Path, default=ROOT / "build/release/server/mrmllm_server")
    parser.add_argument("--bundle", type=pathlib.Path, default=ROOT / "build/bundles/coco-135m")
    parser.add_argument("--set", action="append", default=[], metavar="A.B=C", help="a setting for our server")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "build/quality")
    parser.add_argument("--limit", type=int, default=0, help="only the first so many photos")
    parser.add_argument("--seed", type=int, default=0, help="of the choice of questions")
    parser.add_argument(
        "--reference", type=pathlib.Path, help="another detector's boxes, COCO results, to score beside ours"
    )
    return parser.parse_args()


def measure(client: ServiceClient, annotations: Annotations, options: argparse.Namespace) -> dict:
    model = client.wait_until_loaded()
    photos = annotations.photos
    result = {
        "model": {"name": model.name, "version": model.version, "device": model.device, "dtype": model.dtype},
        "photos": len(photos),
        "seed": options.seed,
        "latency": {},
    }

    with progress("Detect", len(photos)):
        replies = [client.detect(photo) for photo in photos]
    boxes = []
    for photo, reply in zip(photos, replies, strict=True):
        boxes += detection_score.coco_boxes(photo, reply.message.images[0], annotations.category_ids)
    result["detection"] = {"server": detection_score.score(annotations, boxes)}
    if options.reference:
        reference = json.loads(options.reference.read_text())
        result["detection"]["reference"] = detection_score.score(annotations, reference)
    result["latency"]["Detect"] = latency.by_stage(replies)
    image_ids = {
        photo.image_id: reply.message.images[0].image.image_id for photo, reply in zip(photos, replies, strict=True)
    }

    few = photos[:LATENCY_PHOTOS]
    with progress("PerceiveAndAnswer", len(few)):
        together = [client.perceive_and_answer(photo, "What is in the image?") for photo in few]
    result["latency"]["PerceiveAndAnswer (boxes cached)"] = latency.by_stage(together)

    result["presence"] = presence(client, photos, sorted(annotations.category_ids), image_ids, options.seed)
    result["counting"] = counting(client, photos, image_ids)
    return result


def presence(client: ServiceClient, photos: list[Photo], labels: list[str], image_ids: dict, seed: int) -> dict:
    asked = questions.presence_questions(photos, labels, seed)
    scores: dict = {}
    for name, perception in PERCEPTION.items():
        said = [
            answers.read_yes_no(answer)
            for answer in ask_all(client, asked, perception, PRESENCE_TOKENS, image_ids, f"presence, perception {name}")
        ]
        pairs = [(question, (question.expected, answer)) for question, answer in zip(asked, said, strict=True)]
        by_strategy = {
            strategy: [pair for question, pair in pairs if question.kind in ("present", strategy)]
            for strategy in questions.STRATEGIES
        }
        # All three together, so that present and absent stay balanced there too.
        by_strategy["all"] = [pair for strategy in questions.STRATEGIES for pair in by_strategy[strategy]]
        scores[name] = {strategy: answers.score_presence(pairs) for strategy, pairs in by_strategy.items()}
    return scores


def counting(client: ServiceClient, photos: list[Photo], image_ids: dict) -> dict:
    asked = questions.count_questions(photos)
    scores = {}
    for name, perception in PERCEPTION.items():
        said = [
            answers.read_count(answer)
            for answer in ask_all(client, asked, perception, COUNT_TOKENS, image_ids, f"counting, perception {name}")
        ]
        scores[name] = answers.score_counts(
            [(question.expected, answer) for question, answer in zip(asked, said, strict=True)]
        )
    return scores


def ask_all(client: ServiceClient, asked: list, perception: bool, tokens: int, image_ids: dict, what: str) -> list[str]:
    """The answers, in the order of the questions; a few are in flight at a time."""

    def ask(question) -> str:
        image_id = image_ids[question.photo.image_id]
        return client.ask(question.photo, question.text, perception, tokens, image_id).message.answer

    with progress(what, len(asked)), concurrent.futures.ThreadPoolExecutor(CONCURRENT_QUESTIONS) as pool:
        return list(pool.map(ask, asked))


@contextlib.contextmanager
def progress(what: str, count: int):
    print(f"==> {what}: {count}", end=" ", file=sys.stderr, flush=True)
    started = time.monotonic()
    yield
    print(f"({time.monotonic() - started:.1f} s)", file=sys.stderr)


if __name__ == "__main__":
    main()
