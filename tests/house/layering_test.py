# SPDX-License-Identifier: Apache-2.0
"""Who may include whom. The rooms and their doors are in ROOMS; everything not allowed there is a fault."""

import dataclasses
import pathlib
import re
import unittest

import source_tree

_INCLUDE = re.compile(r'^#include [<"]([^>"]+)[>"]', re.MULTILINE)

# What an include line belongs to. The first match counts; what matches nothing is the standard library or the system.
_LIBRARIES = {
    "absl": r"absl/",
    "contract": r"(mrmllm/v1|inference)/|google/(rpc|api)/",
    "protobuf": r"google/protobuf/",
    "grpc": r"grpc(pp|\+\+)?/",
    "torch": r"(torch|ATen|c10)/",
    "opencv": r"opencv2/",
    "prometheus": r"prometheus/",
    "test": r"(gtest|gmock|benchmark)/",
    "json": r"nlohmann/",
    "yaml": r"yaml-cpp/",
    "cli": r"CLI/",
    "log": r"spdlog/",
    "otlp": r"opentelemetry/",
    "icu": r"unicode/",
    "openssl": r"openssl/",
}
_OURS = ("base", "model", "server", "client", "tests")


@dataclasses.dataclass(frozen=True)
class Room:
    """Files whose path matches `files` may include our paths that start with one of `ours`, and `libraries`."""

    files: str
    ours: tuple[str, ...]
    libraries: tuple[str, ...]


# The first room that matches a file is its room.
_RPC = (
    "base/",
    "server/rpc/",
    "server/models/",
    "server/scheduling/",
    "server/security/",
    "server/engine.h",
    "server/image_decoding",
)
ROOMS = [
    Room(r"base/", ("base/",), ("absl",)),
    Room(
        r"model/(text|prompt)/",
        ("base/", "model/text/", "model/prompt/", "model/config.h", "model/json_fields.h", "model/json_text.h"),
        ("absl", "json", "icu", "openssl"),
    ),
    Room(r"model/color/", ("base/", "model/color/"), ("absl",)),
    Room(r"model/[^/]+$", ("base/", "model/"), ("absl", "json", "torch")),
    Room(r"model/training/main\.cc$", ("base/", "model/training/"), ("absl", "cli")),
    Room(r"model/training/", ("base/", "model/"), ("absl", "json", "torch", "opencv", "yaml")),
    Room(r"model/", ("base/", "model/"), ("absl", "json", "torch", "openssl")),
    Room(r"server/engine\.h$", ("base/",), ("absl",)),
    Room(r"server/security/", ("base/", "server/security/", "server/scheduling/"), ("absl", "openssl", "yaml")),
    Room(r"server/scheduling/", ("base/", "server/scheduling/", "server/engine.h"), ("absl",)),
    Room(
        r"server/models/",
        (
            "base/",
            "server/models/",
            "server/rpc/request/",
            "server/rpc/reply/",
            "server/scheduling/",
            "server/engine.h",
            "server/image_decoding",
        ),
        ("absl",),
    ),
    Room(r"server/rpc/", _RPC, ("absl", "contract", "protobuf", "grpc", "openssl")),
    Room(
        r"server/telemetry/",
        (
            "base/",
            "server/telemetry/",
            "server/scheduling/",
            "server/security/",
            "server/rpc/observer.h",
            "server/models/observer.h",
            "server/engine.h",
        ),
        ("absl", "protobuf", "grpc", "otlp", "prometheus", "log", "json"),
    ),
    Room(r"server/image_decoding", ("base/", "server/"), ("absl", "opencv")),
    Room(r"server/torch_", ("base/", "server/", "model/"), ("absl", "torch")),
    Room(
        r"server/",
        ("base/", "server/"),
        ("absl", "contract", "protobuf", "grpc", "prometheus", "json", "yaml", "cli", "log", "openssl"),
    ),
    Room(r"client/", ("base/", "client/"), ("absl", "contract", "protobuf", "grpc", "opencv", "json", "cli", "icu")),
    Room(r"tests/", ("base/", "model/", "server/", "client/", "tests/"), tuple(_LIBRARIES)),
]


def room_of(path: pathlib.PurePosixPath) -> Room | None:
    return next((room for room in ROOMS if re.match(room.files, str(path))), None)


def library_of(include: str) -> str | None:
    return next((name for name, pattern in _LIBRARIES.items() if re.match(pattern, include)), None)


def fault(room: Room, include: str) -> str | None:
    """Why `include` may not stand in `room`, or None."""
    if include.split("/")[0] in _OURS and "/" in include:
        allowed = any(include.startswith(prefix) for prefix in room.ours)
        return None if allowed else f"may only see {', '.join(room.ours)}"
    library = library_of(include)
    if library and library not in room.libraries:
        return f"may only use {', '.join(room.libraries)}"
    return None


class LayeringTest(unittest.TestCase):
    def test_every_include_points_the_allowed_way(self):
        faults = []
        for path in source_tree.with_suffix(*source_tree.CPP):
            room = room_of(path)
            if room is None:
                faults.append(f"{path}: belongs to no room")
                continue
            for include in _INCLUDE.findall(source_tree.text(path)):
                reason = fault(room, include)
                if reason:
                    faults.append(f"{path}: includes {include}, but {room.files} {reason}")
        self.assertEqual(faults, [], "\n" + "\n".join(faults))

    def test_scheduling_may_not_see_the_model(self):
        room = room_of(pathlib.PurePosixPath("server/scheduling/scheduler.cc"))
        self.assertIsNotNone(fault(room, "model/config.h"))
        self.assertIsNotNone(fault(room, "torch/torch.h"))
        self.assertIsNone(fault(room, "server/engine.h"))

    def test_model_may_not_see_the_contract(self):
        room = room_of(pathlib.PurePosixPath("model/language/decoder.cc"))
        self.assertIsNotNone(fault(room, "mrmllm/v1/image.pb.h"))
        self.assertIsNotNone(fault(room, "server/engine.h"))

    def test_nothing_but_tests_may_see_tests(self):
        for room in ROOMS[:-1]:
            self.assertIsNotNone(fault(room, "tests/support/fake_clock.h"))


if __name__ == "__main__":
    unittest.main()
