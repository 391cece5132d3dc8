# SPDX-License-Identifier: Apache-2.0
"""A collector that keeps what it is sent, made of the protocol's own package."""

import concurrent.futures
import threading
import time

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc


class Receiver(trace_service_pb2_grpc.TraceServiceServicer):
    """Listens on 127.0.0.1 from `start` to `stop`; may be started again on the same port."""

    def __init__(self):
        self.port = 0
        self.resources = []
        self._spans = []
        self._news = threading.Condition()
        self._server = None

    @property
    def endpoint(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        self._server = grpc.server(concurrent.futures.ThreadPoolExecutor(2))
        trace_service_pb2_grpc.add_TraceServiceServicer_to_server(self, self._server)
        self.port = self._server.add_insecure_port(f"127.0.0.1:{self.port}")
        self._server.start()

    def stop(self) -> None:
        self._server.stop(grace=None).wait()

    def Export(self, request, context):
        with self._news:
            for group in request.resource_spans:
                self.resources.append(texts(group.resource.attributes))
                for scope in group.scope_spans:
                    self._spans.extend(scope.spans)
            self._news.notify_all()
        return trace_service_pb2.ExportTraceServiceResponse()

    def spans_of(self, trace_id: str, count: int, seconds: float = 60) -> list:
        """All spans of the trace, once there are `count` or the time is up."""
        deadline = time.monotonic() + seconds
        with self._news:
            while True:
                found = [span for span in self._spans if span.trace_id.hex() == trace_id]
                left = deadline - time.monotonic()
                if len(found) >= count or left <= 0:
                    return found
                self._news.wait(left)


def texts(attributes) -> dict[str, object]:
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in attributes}
