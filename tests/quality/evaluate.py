# SPDX-License-Identifier: Apache-2.0
"""Measures the service through its front door: boxes, answers, what each mechanism brings, latency; judges the goals.

  evaluate.py --photos FOLDER --annotations INSTANCES.json [--limit N] [--rows NAME...] [--only PART...]

Starts the server on a free port unless --server names a running one. Writes report.json, report.md and answers.jsonl to --out.
"""

import argparse
import contextlib
import pathlib
import time

import bundles
import contract
import progress
import rows
import server_process
from ablation import Ablation
from pictures import annotations, corruptions
from reporting import report
from rows import BOX_ROWS, ROWS, Row
from scores import goals
from service_client import ServiceClient

ROOT = pathlib.Path(__file__).resolve().parents[2]
PARTS = (
    "boxes",
    "corruptions",
    "odd places",
    "named classes",
    "answers",
    "wordings",
    "general",
    "latency",
    "duplicates",
)
WARM_UP = 4


def main() -> None:
    options = parse_arguments()
    options.out.mkdir(parents=True, exist_ok=True)
    stubs = contract.generate(ROOT / "proto", options.out / "stubs")
    found = annotations.load(options.photos, options.annotations, options.limit)
    ablation = Ablation(found, rows.named(options.rows), options.seed)
    with contextlib.ExitStack() as stack:

        def connect(address: str) -> ServiceClient:
            client = ServiceClient(address, stubs)
            stack.callback(client.close)
            return client

        address = options.server or stack.enter_context(
            server_process.running(options.binary, options.bundle, options.out, options.set)
        )
        base = None
        if not options.server and bundles.has_adapters(options.bundle) and needs_base(options):
            base = connect(stack.enter_context(base_server(options)))
        measure(connect(address), base, ablation, options)
    text = report.write(ablation.report, options.out)
    report.write_answers(ablation.answered, ablation.general_texts, options.out)
    print(text)
    print(f"Written: report.json, report.md and answers.jsonl in {options.out}")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=pathlib.Path, required=True, help="folder of the annotated photos")
    parser.add_argument("--annotations", type=pathlib.Path, required=True, help="COCO instances file")
    parser.add_argument("--trained-on", type=pathlib.Path, help="folder of the photos that the bundle was trained on")
    parser.add_argument("--server", help="host:port of a running server instead of one of our own")
    parser.add_argument("--binary", type=pathlib.Path, default=ROOT / "build/release/server/mrmllm_server")
    parser.add_argument("--bundle", type=pathlib.Path, default=ROOT / "build/bundles/coco-135m")
    parser.add_argument("--set", action="append", default=[], metavar="A.B=C", help="a setting for our server")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "build/quality")
    parser.add_argument("--limit", type=int, default=0, help="only the first so many photos")
    parser.add_argument("--seed", type=int, default=0, help="of the choice of questions, corruptions and composites")
    every_row = [row.name for row in ROWS]
    parser.add_argument("--rows", nargs="+", default=every_row, metavar="ROW", help=f"some of {every_row}")
    parser.add_argument(
        "--only", nargs="+", default=list(PARTS), choices=PARTS, metavar="PART", help=f"some of {PARTS}"
    )
    return parser.parse_args()


def needs_base(options: argparse.Namespace) -> bool:
    """Whether anything is asked of the bundle without its adapters."""
    return "general" in options.only or ("answers" in options.only and rows.ALL_UNADAPTED.name in options.rows)


def base_server(options: argparse.Namespace):
    work = options.out / "without_adapters"
    bundle = bundles.without_adapters(options.bundle, work / "bundle")
    return server_process.running(options.binary, bundle, work, [*options.set, "bundle.verify_checksums=false"])


def measure(client: ServiceClient, base: ServiceClient | None, ablation: Ablation, options: argparse.Namespace) -> None:
    """Fills ablation.report."""
    started = time.monotonic()
    model = client.wait_until_loaded()
    ablation.report["model"] = {
        "name": model.name,
        "version": model.version,
        "device": model.device,
        "dtype": model.dtype,
    }
    if base:
        base.wait_until_loaded()
    tell_how_long(client, ablation, options.only, base is not None)
    wanted = set(options.only)
    if wanted - {"duplicates", "general", "wordings"}:
        ablation.boxes(client)  # the marks that most other parts are held against
        ablation.rules()
    if "corruptions" in wanted:
        ablation.corrupted_boxes(client)
    if "odd places" in wanted:
        ablation.odd_places(client)
    if "named classes" in wanted:
        ablation.named_classes(client)
    if "answers" in wanted:
        ablation.answers(client, [row for row in ablation.rows if row.adapters])
        if "odd places" in wanted:
            ablation.odd_answers(client)
        if base:
            ablation.answers(base, [row for row in ablation.rows if not row.adapters])
    if "wordings" in wanted:
        ablation.wordings(client)
    if "general" in wanted:
        ablation.general(client, base)
    if "latency" in wanted:
        ablation.latency(client)
    if "duplicates" in wanted and options.trained_on:
        ablation.duplicates(options.trained_on)
    ablation.report["seconds"] = time.monotonic() - started
    ablation.report["goals"] = goals.judge(ablation.report)


def tell_how_long(client: ServiceClient, ablation: Ablation, parts: list[str], with_base: bool) -> None:
    """Measures a few requests and says how long all will take at most."""
    detect = seconds_each(lambda photo: client.detect(photo.path.read_bytes(), rows.ALL), ablation.photos)
    answer = seconds_each(
        lambda photo: client.stream(photo.path.read_bytes(), "What is in the image?", rows.ALL), ablation.photos
    )
    pictures, questions = 0, 0
    photos, box_rows = len(ablation.photos), len(BOX_ROWS)
    if "corruptions" in parts:
        pictures += photos * box_rows * len(corruptions.KINDS) * len(corruptions.STRENGTHS)
    pictures += 3 * photos * box_rows
    if "answers" in parts:
        asked: list[Row] = [row for row in ablation.rows if row.adapters or with_base]
        questions += len(ablation.questions) * len(asked)
    questions += 1100 * ("wordings" in parts)
    # Several are in flight at a time, and a known photo costs less than a new one.
    seconds = pictures * detect + questions * answer / 2
    progress.tell(f"==> {pictures} pictures, {questions} questions: about {seconds / 60:.0f} minutes at most")


def seconds_each(call, photos: list) -> float:
    call(photos[0])
    few = photos[:WARM_UP]
    started = time.monotonic()
    for photo in few:
        call(photo)
    return (time.monotonic() - started) / len(few)


if __name__ == "__main__":
    main()
