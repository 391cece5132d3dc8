# SPDX-License-Identifier: Apache-2.0
"""Prints the objects in a picture: detect.py PHOTO [HOST:PORT]"""

import sys

import grpc
from mrmllm.v1 import image_pb2, mrmllm_service_pb2, mrmllm_service_pb2_grpc


def main() -> None:
    path = sys.argv[1]
    address = sys.argv[2] if len(sys.argv) > 2 else "127.0.0.1:50051"
    with open(path, "rb") as file:
        image = image_pb2.Image(content=file.read())
    with grpc.insecure_channel(address) as channel:
        service = mrmllm_service_pb2_grpc.MrMllmServiceStub(channel)
        reply = service.Detect(mrmllm_service_pb2.DetectRequest(images=[image]), timeout=30)
    found = reply.images[0]
    for detection in found.detections:
        box = detection.box
        left, top = box.x_min * found.image.width, box.y_min * found.image.height
        right, bottom = box.x_max * found.image.width, box.y_max * found.image.height
        print(
            f"{detection.score:.2f}  {detection.label:15s}"
            f"  ({left:.0f}, {top:.0f}) to ({right:.0f}, {bottom:.0f})  {detection.finer_name.label}"
        )


if __name__ == "__main__":
    main()
