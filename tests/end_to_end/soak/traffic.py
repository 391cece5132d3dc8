# SPDX-License-Identifier: Apache-2.0
"""What clients do to a server: ask, give up, leave, dawdle, hurry and talk rubbish. Every act is bounded in time."""

import dataclasses
import pathlib
import random
import socket
import threading
import time
import types
from collections.abc import Callable

import grpc

CALL_SECONDS = 120
MAX_MESSAGE_BYTES = 64 << 20
QUESTIONS = ["What is in the picture?", "How many people are there?", "Describe the scene.", "Is there a dog?"]
OK = grpc.StatusCode.OK
REFUSED = grpc.StatusCode.RESOURCE_EXHAUSTED
CANCELLED = grpc.StatusCode.CANCELLED
LATE = grpc.StatusCode.DEADLINE_EXCEEDED
INVALID = grpc.StatusCode.INVALID_ARGUMENT
NOT_FOUND = grpc.StatusCode.NOT_FOUND
INTERNAL = grpc.StatusCode.INTERNAL
UNIMPLEMENTED = grpc.StatusCode.UNIMPLEMENTED


@dataclasses.dataclass(frozen=True)
class Act:
    """One thing a client does, how often beside the others, and how it may end."""

    name: str
    weight: int
    may_end: tuple[grpc.StatusCode, ...]
    do: Callable[["Client"], grpc.StatusCode]


def code_of(call: Callable[[], object]) -> grpc.StatusCode:
    """Runs a call to its end; how it ended."""
    try:
        call()
    except grpc.RpcError as error:
        return error.code()
    return OK


def unique(jpeg: bytes, mark: str) -> bytes:
    """The same picture with a comment that makes its bytes unlike all others."""
    text = mark.encode()
    return jpeg[:2] + b"\xff\xfe" + (len(text) + 2).to_bytes(2, "big") + text + jpeg[2:]


class CountingStub:
    """A stub that counts the calls made through it."""

    def __init__(self, stub, count: Callable[[], None]):
        self._stub = stub
        self._count = count

    def __getattr__(self, name: str):
        self._count()
        return getattr(self._stub, name)


class Client:
    """One client: its own connection, its own random choices, one act at a time. Not thread-safe."""

    def __init__(self, address: str, contract: types.SimpleNamespace, photos: list[bytes], seed: str):
        self.address = address
        self.contract = contract
        self.messages = contract.messages
        self.random = random.Random(seed)
        self._photos = photos
        self._mark = seed
        self._photos_sent = 0
        self.requests = 0  # calls begun, and frames sent; those from a thread of gRPC's
        self._lock = threading.Lock()
        self.channel = self.connect()
        self.service = self.stub(self.channel)

    def connect(self) -> grpc.Channel:
        return grpc.insecure_channel(
            self.address,
            options=[
                ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
                ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
                ("grpc.use_local_subchannel_pool", 1),
            ],
        )

    def stub(self, channel: grpc.Channel) -> CountingStub:
        return CountingStub(self.contract.service.MrMllmServiceStub(channel), self.count)

    def count(self) -> None:
        with self._lock:
            self.requests += 1

    def close(self) -> None:
        self.channel.close()

    def frame(self, image):
        self.count()
        return self.messages.DetectStreamRequest(image=image)

    def photo(self) -> bytes:
        """Half of the time a picture that the server may know."""
        photo = self.random.choice(self._photos)
        self._photos_sent += 1
        return photo if self.random.random() < 0.5 else unique(photo, f"{self._mark}/{self._photos_sent}")

    def image(self):
        return self.messages.Image(content=self.photo())

    def settings(self):
        return self.messages.GenerationSettings(max_new_token_count=self.random.randint(1, 40))

    def detect_request(self):
        return self.messages.DetectRequest(images=[self.image() for _ in range(self.random.choice([1, 1, 1, 2]))])

    def ask_request(self):
        images = [self.image()] if self.random.random() < 0.8 else []
        return self.messages.AskRequest(
            images=images, question=self.random.choice(QUESTIONS), generation=self.settings()
        )

    def perceive_request(self):
        return self.messages.PerceiveAndAnswerRequest(
            images=[self.image()], question=self.random.choice(QUESTIONS), generation=self.settings()
        )

    def stream(self, service=None, seconds: float = CALL_SECONDS):
        """An answer that comes piece by piece."""
        service = service or self.service
        if self.random.random() < 0.5:
            request = self.messages.AskStreamRequest(ask=self.ask_request())
            return service.AskStream(request, timeout=seconds)
        request = self.messages.PerceiveAndAnswerStreamRequest(request=self.perceive_request())
        return service.PerceiveAndAnswerStream(request, timeout=seconds)


def detect(client: Client) -> grpc.StatusCode:
    return code_of(lambda: client.service.Detect(client.detect_request(), timeout=CALL_SECONDS))


def ask(client: Client) -> grpc.StatusCode:
    return code_of(lambda: client.service.Ask(client.ask_request(), timeout=CALL_SECONDS))


def perceive(client: Client) -> grpc.StatusCode:
    return code_of(lambda: client.service.PerceiveAndAnswer(client.perceive_request(), timeout=CALL_SECONDS))


def answer_stream(client: Client) -> grpc.StatusCode:
    return code_of(lambda: list(client.stream()))


def follow_up(client: Client) -> grpc.StatusCode:
    """A second question by image_id, and often a release; another client may have evicted or released it."""
    image = client.image()
    try:
        reply = client.service.Detect(client.messages.DetectRequest(images=[image]), timeout=CALL_SECONDS)
    except grpc.RpcError as error:
        return error.code()
    image_id = reply.images[0].image.image_id
    request = client.ask_request()
    del request.images[:]
    request.images.add().image_id = image_id
    code = code_of(lambda: client.service.Ask(request, timeout=CALL_SECONDS))
    if code == OK and client.random.random() < 0.5:
        release = client.messages.ReleaseImagesRequest(image_ids=[image_id])
        return code_of(lambda: client.service.ReleaseImages(release, timeout=CALL_SECONDS))
    return code


def video(client: Client) -> grpc.StatusCode:
    """A few frames, one of them broken; every frame must have its reply."""
    count = client.random.randint(1, 6)
    bad = client.random.randrange(count)

    def frames():
        for i in range(count):
            image = client.messages.Image(content=b"no picture") if i == bad else client.image()
            yield client.frame(image)

    replies = []
    code = code_of(lambda: replies.extend(client.service.DetectStream(frames(), timeout=CALL_SECONDS)))
    if code == OK and [reply.frame_index for reply in replies] != list(range(count)):
        return INTERNAL
    return code


def cancel(client: Client) -> grpc.StatusCode:
    """Gives up after a few pieces, or at once."""
    call = client.stream()
    pieces = client.random.choice([0, 0, 1, 2, 5])
    if pieces == 0:
        time.sleep(client.random.random() * 0.3)

    def read():
        for _ in range(pieces):
            if next(call, None) is None:
                return

    code = code_of(read)
    call.cancel()
    return code


def dawdle(client: Client) -> grpc.StatusCode:
    """Reads an answer slowly."""

    def read():
        for _ in client.stream():
            time.sleep(client.random.random() * 0.2)

    return code_of(read)


def look_away(client: Client) -> grpc.StatusCode:
    """Sends frames as fast as they are taken, reads no reply, and leaves."""
    stop = threading.Event()

    def frames():
        while not stop.is_set():
            yield client.frame(client.image())

    call = client.service.DetectStream(frames(), timeout=CALL_SECONDS)
    time.sleep(0.2 + client.random.random())
    stop.set()
    call.cancel()
    return CANCELLED


def disconnect(client: Client) -> grpc.StatusCode:
    """A connection that ends in the middle of an answer."""
    channel = client.connect()
    call = client.stream(client.stub(channel))
    time.sleep(client.random.random() * 0.5)
    channel.close()
    return code_of(lambda: list(call))


def hurry(client: Client) -> grpc.StatusCode:
    """Less time than most answers need."""
    return code_of(lambda: list(client.stream(seconds=client.random.uniform(0.001, 0.6))))


def hurry_degraded(client: Client) -> grpc.StatusCode:
    """Little time, and content with the boxes alone."""
    request = client.perceive_request()
    request.allow_degraded = True
    seconds = client.random.uniform(0.02, 1.0)
    return code_of(lambda: client.service.PerceiveAndAnswer(request, timeout=seconds))


def burst(client: Client) -> grpc.StatusCode:
    """Many at once; some may be refused, none forgotten."""
    calls = [
        client.service.Detect.future(client.detect_request(), timeout=CALL_SECONDS)
        for _ in range(client.random.randint(8, 24))
    ]
    codes = {call.code() for call in calls}
    strange = codes - {OK, REFUSED}
    return strange.pop() if strange else OK


def rubbish(client: Client) -> grpc.StatusCode:
    """Requests that no server should take."""
    messages = client.messages
    photo = client.photo()
    broken = bytearray(photo)
    for _ in range(200):
        broken[client.random.randrange(20, len(broken))] = client.random.randrange(256)
    request = client.random.choice(
        [
            messages.DetectRequest(),
            messages.DetectRequest(images=[messages.Image(content=b"GIF89a nonsense")]),
            messages.DetectRequest(images=[messages.Image(content=photo[: len(photo) // 3])]),
            messages.DetectRequest(images=[messages.Image(content=bytes(broken))]),
            messages.DetectRequest(images=[messages.Image(content=client.random.randbytes(3000))]),
            messages.DetectRequest(images=[messages.Image(image_id="feedfeed")]),
            messages.DetectRequest(images=[messages.Image(raw=messages.RawImage(pixels=b"x", width=9, height=9))]),
            messages.AskRequest(question=""),
            messages.AskRequest(question="?" * 9000),
            messages.AskRequest(question="?", generation=messages.GenerationSettings(max_new_token_count=99999)),
        ]
    )
    method = client.service.Detect if isinstance(request, messages.DetectRequest) else client.service.Ask
    return code_of(lambda: method(request, timeout=CALL_SECONDS))


def no_message(client: Client) -> grpc.StatusCode:
    """Bytes that are no message of the contract."""
    client.count()
    call = client.channel.unary_unary("/mrmllm.v1.MrMllmService/Detect")
    return code_of(lambda: call(b"\xff" * 50, timeout=CALL_SECONDS))


def no_protocol(client: Client) -> grpc.StatusCode:
    """Bytes that are no HTTP/2, and a connection that says nothing."""
    host, _, port = client.address.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        if client.random.random() < 0.7:
            connection.sendall(client.random.randbytes(500))
        time.sleep(0.05)
    return OK


ACTS = [
    Act("detect", 12, (OK, REFUSED), detect),
    Act("ask", 8, (OK, REFUSED), ask),
    Act("perceive", 10, (OK, REFUSED), perceive),
    Act("answer stream", 12, (OK, REFUSED), answer_stream),
    Act("follow-up", 5, (OK, REFUSED, NOT_FOUND), follow_up),
    Act("video", 4, (OK, REFUSED), video),
    Act("cancel", 12, (OK, REFUSED, CANCELLED), cancel),
    Act("slow reader", 4, (OK, REFUSED), dawdle),
    Act("unread video", 2, (CANCELLED,), look_away),
    Act("disconnect", 5, (OK, REFUSED, CANCELLED), disconnect),
    Act("short deadline", 8, (OK, REFUSED, LATE), hurry),
    Act("degradable", 4, (OK, REFUSED, LATE), hurry_degraded),
    Act("burst", 1, (OK,), burst),
    # A picture with broken bytes may still be one.
    Act("rubbish", 8, (OK, INVALID, NOT_FOUND, REFUSED), rubbish),
    # gRPC itself refuses what it cannot parse, and in C++ it does so in these words.
    Act("no message", 2, (UNIMPLEMENTED, INTERNAL), no_message),
    Act("no protocol", 2, (OK,), no_protocol),
]


def load_photos(folder: pathlib.Path) -> list[bytes]:
    photos = [path.read_bytes() for path in sorted(folder.glob("*.jpg"))]
    if not photos:
        raise SystemExit(f"no .jpg files in {folder}")
    return photos
