# SPDX-License-Identifier: Apache-2.0
"""Our statement of the Open Inference Protocol is the one that Triton's client speaks, field by field.

protocol_test.py DESCRIPTOR_SET

DESCRIPTOR_SET is what `protoc --descriptor_set_out` makes of proto/inference/grpc_service.proto. Triton's own file has
more methods, messages and fields; every one that we state must be there and be the same.
"""

import pathlib
import sys
import unittest

from google.protobuf import descriptor_pb2
from tritonclient.grpc import service_pb2

DESCRIPTOR_SET = pathlib.Path(sys.argv[1])
SERVICE = "GRPCInferenceService"
# The standard's methods. Triton's others are its extensions.
METHODS = {"ServerLive", "ServerReady", "ModelReady", "ServerMetadata", "ModelMetadata", "ModelInfer"}


def described(message: descriptor_pb2.DescriptorProto, prefix: str) -> dict[str, tuple]:
    """Every field of a message and of those inside it: number, label, type, its message, its oneof."""
    fields = {}
    for field in message.field:
        oneof = message.oneof_decl[field.oneof_index].name if field.HasField("oneof_index") else None
        fields[f"{prefix}.{message.name}.{field.name}"] = (
            field.number,
            field.label,
            field.type,
            field.type_name,
            oneof,
            message.options.map_entry,
        )
    for inner in message.nested_type:
        fields |= described(inner, f"{prefix}.{message.name}")
    return fields


def messages(file: descriptor_pb2.FileDescriptorProto) -> dict[str, tuple]:
    fields = {}
    for message in file.message_type:
        fields |= described(message, file.package)
    return fields


def methods(file: descriptor_pb2.FileDescriptorProto) -> dict[str, tuple]:
    service = next(service for service in file.service if service.name == SERVICE)
    return {
        method.name: (method.input_type, method.output_type, method.client_streaming, method.server_streaming)
        for method in service.method
    }


class ProtocolTest(unittest.TestCase):
    def setUp(self):
        self.ours = descriptor_pb2.FileDescriptorSet.FromString(DESCRIPTOR_SET.read_bytes()).file[0]
        self.triton = descriptor_pb2.FileDescriptorProto()
        service_pb2.DESCRIPTOR.CopyToProto(self.triton)

    def test_the_package_is_the_standards(self):
        self.assertEqual(self.ours.package, self.triton.package)
        self.assertEqual(self.ours.syntax, "proto3")

    def test_the_methods_are_the_standards(self):
        ours, triton = methods(self.ours), methods(self.triton)
        self.assertEqual(set(ours), METHODS)
        for name, method in ours.items():
            self.assertEqual(method, triton[name], name)

    def test_every_field_is_tritons(self):
        ours, triton = messages(self.ours), messages(self.triton)
        self.assertGreater(len(ours), 60)
        for name, field in ours.items():
            self.assertEqual(field, triton.get(name), name)

    def test_no_field_of_a_stated_message_is_missing(self):
        ours, triton = messages(self.ours), messages(self.triton)
        stated = {name.rpartition(".")[0] for name in ours}
        missing = [name for name in triton if name.rpartition(".")[0] in stated and name not in ours]
        self.assertEqual(missing, [])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
