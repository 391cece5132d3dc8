# SPDX-License-Identifier: Apache-2.0
"""Prints the objects in a picture and the answer to a question as it comes: ask.py PHOTO QUESTION [HOST:PORT]"""

import sys

import grpc
from mrmllm.v1 import image_pb2, mrmllm_service_pb2, mrmllm_service_pb2_grpc


def main() -> None:
    path, question = sys.argv[1:3]
    address = sys.argv[3] if len(sys.argv) > 3 else "127.0.0.1:50051"
    with open(path, "rb") as file:
        image = image_pb2.Image(content=file.read())
    request = mrmllm_service_pb2.PerceiveAndAnswerRequest(images=[image], question=question)
    with grpc.insecure_channel(address) as channel:
        service = mrmllm_service_pb2_grpc.MrMllmServiceStub(channel)
        stream = service.PerceiveAndAnswerStream(
            mrmllm_service_pb2.PerceiveAndAnswerStreamRequest(request=request), timeout=60
        )
        for message in stream:
            event = message.WhichOneof("event")
            if event == "perception":
                labels = [d.label for d in message.perception.images[0].detections]
                print("sees:", ", ".join(labels) or "nothing it knows")
            elif event == "text_delta":
                print(message.text_delta, end="", flush=True)
            else:
                print()
                for span in message.summary.grounding:
                    print(f"'{span.text}' rests on {list(span.detection_ids)}")


if __name__ == "__main__":
    try:
        main()
    except grpc.RpcError as error:
        sys.exit(f"{error.code().name}: {error.details()}")
