# SPDX-License-Identifier: Apache-2.0
"""Python stubs made from proto/, as any caller of the service would make them."""

import importlib
import pathlib
import sys
import types

import grpc_tools
from grpc_tools import protoc


def generate(proto_dir: pathlib.Path, out: pathlib.Path) -> types.SimpleNamespace:
    """Writes the stubs under `out` and imports them; the result has a module for every .proto file.

    `service` and `model_service` are the stub modules, `messages` and `enums` hold the other modules' messages and enums by name.
    """
    out.mkdir(parents=True, exist_ok=True)
    site_packages = next(
        pathlib.Path(path) for path in sys.path if (pathlib.Path(path) / "google/api/http.proto").is_file()
    )
    files = sorted(str(path) for path in (proto_dir / "mrmllm" / "v1").glob("*.proto"))
    arguments = [
        "protoc",
        f"-I{proto_dir}",
        f"-I{site_packages}",
        f"-I{pathlib.Path(grpc_tools.__file__).parent / '_proto'}",
        f"--python_out={out}",
        f"--grpc_python_out={out}",
        *files,
    ]
    if protoc.main(arguments) != 0:
        raise SystemExit(f"protoc refused {proto_dir}")
    sys.path.insert(0, str(out))
    messages, enums = types.SimpleNamespace(), types.SimpleNamespace()
    for file in files:
        module = importlib.import_module(f"mrmllm.v1.{pathlib.Path(file).stem}_pb2")
        for name in module.DESCRIPTOR.message_types_by_name:
            setattr(messages, name, getattr(module, name))
        for name in module.DESCRIPTOR.enum_types_by_name:
            setattr(enums, name, getattr(module, name))
    return types.SimpleNamespace(
        messages=messages,
        enums=enums,
        service=importlib.import_module("mrmllm.v1.mrmllm_service_pb2_grpc"),
        model_service=importlib.import_module("mrmllm.v1.model_service_pb2_grpc"),
    )
