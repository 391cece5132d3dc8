# SPDX-License-Identifier: Apache-2.0
"""otlp_descriptors.py OUT MODULE_pb2.py...: the descriptors inside generated Python modules, as a FileDescriptorSet.

The package of the OTLP protocol carries no .proto files, but each of its modules holds its file's serialised descriptor,
which is all that protoc needs. The modules are read, not run, so nothing has to be installed beside them.
"""

import ast
import pathlib
import sys

_FILE_FIELD = b"\x0a"  # FileDescriptorSet.file: field 1, length-delimited


def varint(number: int) -> bytes:
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def descriptor(module: pathlib.Path) -> bytes:
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "AddSerializedFile":
            return ast.literal_eval(node.args[0])
    raise SystemExit(f"{module}: holds no serialised descriptor")


def main() -> None:
    out, *modules = (pathlib.Path(argument) for argument in sys.argv[1:])
    files = [descriptor(module) for module in modules]
    out.write_bytes(b"".join(_FILE_FIELD + varint(len(file)) + file for file in files))


if __name__ == "__main__":
    main()
