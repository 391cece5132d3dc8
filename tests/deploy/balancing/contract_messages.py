# SPDX-License-Identifier: Apache-2.0
"""The contract's messages and methods, made of a descriptor set: no generated code."""

import pathlib

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

SERVICE = "mrmllm.v1.MrMllmService"


class Contract:
    def __init__(self, descriptors: pathlib.Path):
        self._pool = descriptor_pool.DescriptorPool()
        for file in descriptor_pb2.FileDescriptorSet.FromString(descriptors.read_bytes()).file:
            self._pool.Add(file)

    def message(self, name: str):
        """The class of mrmllm.v1.NAME."""
        return message_factory.GetMessageClass(self._pool.FindMessageTypeByName(f"mrmllm.v1.{name}"))

    def method(self, channel: grpc.Channel, name: str):
        """A callable of a request, or of an iterator where the method takes a stream; the reply, or an iterator of replies."""
        method = self._pool.FindServiceByName(SERVICE).methods_by_name[name]
        takes = "stream" if method.client_streaming else "unary"
        gives = "stream" if method.server_streaming else "unary"
        make = getattr(channel, f"{takes}_{gives}")
        reply = message_factory.GetMessageClass(method.output_type)
        request = message_factory.GetMessageClass(method.input_type)
        return make(
            f"/{SERVICE}/{name}", request_serializer=request.SerializeToString, response_deserializer=reply.FromString
        )
