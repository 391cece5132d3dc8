# SPDX-License-Identifier: Apache-2.0
"""Objects and an answer through Triton's client: triton_detect.py PHOTO [QUESTION [HOST:PORT]]"""

import sys
from collections.abc import Iterator

import numpy
import tritonclient.grpc as triton


def bytes_input(name: str, content: bytes) -> triton.InferInput:
    tensor = triton.InferInput(name, [1], "BYTES")
    tensor.set_data_from_numpy(numpy.array([content], dtype=numpy.object_))
    return tensor


def describe(address: str, path: str, question: str, model: str = "coco-135m") -> Iterator[str]:
    """One line an object, then the answer if there is a question."""
    with open(path, "rb") as file:
        inputs = [bytes_input("image", file.read())]
    if question:
        inputs.append(bytes_input("question", question.encode()))
    with triton.InferenceServerClient(address) as client:
        result = client.infer(model, inputs, client_timeout=60)
    width, height = result.as_numpy("image_size")[0]
    boxes = result.as_numpy("boxes") * [width, height, width, height]
    for label, score, box in zip(result.as_numpy("labels"), result.as_numpy("scores"), boxes, strict=True):
        left, top, right, bottom = box
        yield f"{score:.2f}  {label.decode():15s}  ({left:.0f}, {top:.0f}) to ({right:.0f}, {bottom:.0f})"
    if question:
        yield result.as_numpy("answer")[0].decode()


def main() -> None:
    path, *rest = sys.argv[1:]
    question, address = [*rest, *["", "127.0.0.1:50051"][len(rest) :]]
    for line in describe(address, path, question):
        print(line)


if __name__ == "__main__":
    main()
