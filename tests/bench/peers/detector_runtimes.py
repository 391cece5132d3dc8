# SPDX-License-Identifier: Apache-2.0
"""ONNX Runtime and OpenVINO on the bundle's detector: images a second, each with the settings that serve it best.

  python detector_runtimes.py --threads 2 --seconds 2 --work build/bench/peers

Prints JSON: for every runtime, setting and batch the images a second, and how far its outputs are from the golden file.
Only the network is timed, from normalised pixels to scores and box distributions, as for our own detector.
"""

import argparse
import dataclasses
import json
import pathlib
import time
from collections.abc import Callable

import numpy as np
import onnx
import onnxruntime
import openvino

import nanodet_onnx

# What bf16 may cost: eight bits of mantissa through 34 layers. fp32 is held to the golden file's own tolerance.
TOLERANCES = {"fp32": 1e-3, "bf16": 0.1}

Run = Callable[[np.ndarray], dict[str, np.ndarray]]


@dataclasses.dataclass(frozen=True)
class Setting:
    """One way to run the network on `batch` images: `run` is what is timed."""

    runtime: str
    name: str
    precision: str
    batch: int
    run: Run


def write_network(batch: int, work: pathlib.Path) -> pathlib.Path:
    work.mkdir(parents=True, exist_ok=True)
    path = work / f"nanodet_{batch}.onnx"
    onnx.save(nanodet_onnx.build(batch), path)
    return path


def with_onnxruntime(path: pathlib.Path, batch: int, threads: int) -> Setting:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def run(pixels: np.ndarray) -> dict[str, np.ndarray]:
        scores, distribution = session.run(["scores", "distribution"], {"pixels": pixels})
        return {"scores": scores, "distribution": distribution}

    return Setting("ONNX Runtime", "one batch", "fp32", batch, run)


def openvino_config(hint: str, precision: str, threads: int) -> dict:
    return {
        "PERFORMANCE_HINT": hint,
        "INFERENCE_PRECISION_HINT": {"fp32": "f32", "bf16": "bf16"}[precision],
        "INFERENCE_NUM_THREADS": threads,
    }


def with_openvino(path: pathlib.Path, batch: int, hint: str, precision: str, threads: int) -> Setting:
    compiled = openvino.Core().compile_model(str(path), "CPU", openvino_config(hint, precision, threads))
    request = compiled.create_infer_request()

    def run(pixels: np.ndarray) -> dict[str, np.ndarray]:
        request.infer([pixels], share_inputs=True)
        return {name: request.get_tensor(name).data for name in ("scores", "distribution")}

    return Setting("OpenVINO", f"{hint.lower()} hint, one batch", precision, batch, run)


def with_openvino_streams(path: pathlib.Path, batch: int, precision: str, threads: int) -> Setting:
    """The images of a batch as single requests that run side by side: OpenVINO's own way to throughput."""
    compiled = openvino.Core().compile_model(str(path), "CPU", openvino_config("THROUGHPUT", precision, threads))
    queue = openvino.AsyncInferQueue(compiled)
    results: dict[int, tuple[np.ndarray, np.ndarray]] = {}
    queue.set_callback(
        lambda request, index: results.__setitem__(
            index, (request.get_tensor("scores").data[0].copy(), request.get_tensor("distribution").data[0].copy())
        )
    )

    def run(pixels: np.ndarray) -> dict[str, np.ndarray]:
        for index in range(batch):
            queue.start_async([pixels[index : index + 1]], index, share_inputs=True)
        queue.wait_all()
        return {"scores": [results[i][0] for i in range(batch)], "distribution": [results[i][1] for i in range(batch)]}

    return Setting("OpenVINO", f"throughput hint, {len(queue)} requests side by side", precision, batch, run)


def settings(batches: list[int], threads: int, work: pathlib.Path) -> list[Setting]:
    single = write_network(1, work)
    found = []
    for batch in batches:
        path = write_network(batch, work)
        found.append(with_onnxruntime(path, batch, threads))
        for precision in ("fp32", "bf16"):
            for hint in ("LATENCY", "THROUGHPUT"):
                found.append(with_openvino(path, batch, hint, precision, threads))
            if batch > 1:
                found.append(with_openvino_streams(single, batch, precision, threads))
    return found


def check(setting: Setting, inputs: list[np.ndarray]) -> float:
    """The worst score's distance from the golden file; fails when it is another network."""
    scores, distributions = [], []
    for start in range(0, len(inputs), setting.batch):
        wanted = inputs[start : start + setting.batch]
        filled = np.stack([wanted[i % len(wanted)] for i in range(setting.batch)])
        outputs = setting.run(filled)
        for i in range(len(wanted)):
            scores.append(np.array(outputs["scores"][i]))
            distributions.append(np.array(outputs["distribution"][i]))
    worst, _ = nanodet_onnx.golden_error(scores, distributions)
    if not worst <= TOLERANCES[setting.precision]:
        raise SystemExit(f"{setting.runtime}, {setting.name}, {setting.precision}: scores are off by {worst}")
    return worst


def images_per_second(setting: Setting, inputs: list[np.ndarray], seconds: float) -> float:
    """From the median of its calls."""
    pixels = np.stack([inputs[i % len(inputs)] for i in range(setting.batch)])
    for _ in range(3):
        setting.run(pixels)
    times = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < 5:
        started = time.perf_counter()
        setting.run(pixels)
        times.append(time.perf_counter() - started)
    return setting.batch / float(np.median(times))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--seconds", type=float, default=2, help="for every setting")
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 8])
    parser.add_argument("--work", type=pathlib.Path, required=True, help="folder for the network's files")
    args = parser.parse_args()
    inputs = nanodet_onnx.golden_inputs()
    rows = []
    for setting in settings(args.batches, args.threads, args.work):
        error = check(setting, inputs)
        speed = images_per_second(setting, inputs, args.seconds)
        rows.append(
            {
                "runtime": setting.runtime,
                "setting": setting.name,
                "precision": setting.precision,
                "images": setting.batch,
                "images_per_second": speed,
                "worst_score_error": error,
            }
        )
    print(json.dumps({"threads": args.threads, "results": rows}, indent=2))


if __name__ == "__main__":
    main()
