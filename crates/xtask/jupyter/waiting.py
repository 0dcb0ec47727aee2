"""Tells the reader, below the cell that is running, that packages are being compiled, and how long that takes.

Cargo's messages stay in the kernel, whose first cell would show nothing for half a minute. So this stands between
the kernel and the front end on the channel of outputs, called iopub in Jupyter's protocol: the kernel's messages go
through unchanged and in order, and while cargo compiles packages there is one more output, which is cleared before
the cell's own first output, or at its end. Once anything goes wrong here, messages are passed on, and no more.

Used by start_kernel.py, in a process of its own.
"""

import hashlib
import hmac
import json
import os
import sys
import time
import uuid
from datetime import datetime, timezone
from pathlib import Path

import zmq

# How often to look whether cargo has called the compiler.
LOOK_SECONDS = 1
# A restarted kernel has the channels of the one before, which needs a moment to give them up.
BIND_SECONDS = 5
DELIMITER = b"<IDS|MSG>"
OUTPUTS = {"stream", "execute_result", "display_data", "error"}
# The kernel's own crate, which is compiled for each cell.
OWN = "ctx"


def compiled_since(crate: Path, since: float) -> list[str]:
    """The packages for which cargo has called the compiler since then, the latest last.

    Cargo marks it for itself, as target/debug/.fingerprint/NAME-HASH/invoked.timestamp and the same below the
    compiler's target; see also packages.rs.
    """
    called = {}
    marks = "debug/.fingerprint/*/invoked.timestamp"
    for mark in [*crate.glob(f"target/{marks}"), *crate.glob(f"target/*/{marks}")]:
        name = mark.parent.name.rpartition("-")[0]
        try:
            at = mark.stat().st_mtime
        except OSError:  # just replaced
            continue
        if at >= since and name != OWN:
            called[name] = max(at, called.get(name, 0.0))
    return sorted(called, key=called.get)


def words(names: list[str], seconds: float, cost: dict | None) -> str:
    """What the reader is told; `cost` is what compiling everything has taken at set-up."""
    known = cost and len(names) <= cost["packages"]
    total = f" of {cost['packages']}" if known else ""
    text = f"Compiling packages for this notebook: {names[-1]} ({len(names)}{total}), {seconds:.0f} s so far."
    if known:
        text += f" All of them usually take about {cost['seconds']:.0f} s, once."
    return text


class Notice:
    """What is known of the running cell, and the output that tells about it."""

    def __init__(self, send, crate: Path, cost: dict | None):
        self.send = send
        self.crate = crate
        self.cost = cost
        self.request = None  # the header of the request, None between cells and after a cell's first output
        self.display = None  # the output's id while it is shown

    def before(self, kind: str, parent: bytes, content: bytes) -> None:
        """Takes notice of a message of the kernel that is about to be passed on."""
        if kind == "execute_input":
            self.request, self.since, self.looked = json.loads(parent), time.time(), 0.0
        elif kind in OUTPUTS or (kind == "status" and self.is_end(parent, content)):
            self.clear()
            self.request = None

    def is_end(self, parent: bytes, content: bytes) -> bool:
        """Whether the running cell ends with this status; the kernel is also idle after completing a name."""
        if self.request is None or json.loads(content).get("execution_state") != "idle":
            return False
        return json.loads(parent).get("msg_id") == self.request.get("msg_id")

    def look(self) -> None:
        """Shows or refreshes the output if something is being compiled."""
        now = time.time()
        if self.request is None or now - max(self.looked, self.since) < LOOK_SECONDS:
            return
        self.looked = now
        if names := compiled_since(self.crate, self.since):
            kind = "update_display_data" if self.display else "display_data"
            self.display = self.display or uuid.uuid4().hex
            data = {"text/plain": words(names, now - self.since, self.cost)}
            content = {"data": data, "metadata": {}, "transient": {"display_id": self.display}}
            self.send(kind, self.request, content)

    def clear(self) -> None:
        if self.display:
            self.display = None
            self.send("clear_output", self.request, {"wait": False})


class Channel:
    """The two ends of the channel: where the front end listens, and where the kernel speaks."""

    def __init__(self, connection: dict, kernel_port: int):
        self.key = connection["key"].encode()
        self.session = uuid.uuid4().hex
        context = zmq.Context()
        self.front = context.socket(zmq.PUB)
        self.back = context.socket(zmq.SUB)
        for socket in (self.front, self.back):
            socket.set_hwm(0)  # nothing is dropped, however much a cell prints
        address = f"{connection['transport']}://{connection['ip']}"
        bind(self.front, f"{address}:{connection['iopub_port']}")
        self.back.subscribe(b"")
        self.back.connect(f"{address}:{kernel_port}")

    def send(self, kind: str, parent: dict, content: dict) -> None:
        header = {
            "msg_id": uuid.uuid4().hex,
            "session": self.session,
            "username": "kernel",
            "date": datetime.now(timezone.utc).isoformat(),
            "msg_type": kind,
            "version": "5.3",
        }
        parts = [json.dumps(part).encode() for part in (header, parent, {}, content)]
        self.front.send_multipart([kind.encode(), DELIMITER, self.sign(parts), *parts])

    def sign(self, parts: list[bytes]) -> bytes:
        if not self.key:
            return b""
        return hmac.new(self.key, b"".join(parts), hashlib.sha256).hexdigest().encode()


def bind(socket, address: str) -> None:
    deadline = time.monotonic() + BIND_SECONDS
    while True:
        try:
            return socket.bind(address)
        except zmq.ZMQError as error:
            if error.errno != zmq.EADDRINUSE or time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def pass_on(channel: Channel, notice: Notice | None, is_running) -> None:
    """Passes messages on as long as the kernel runs. Without a notice nothing is added to them."""
    while is_running():
        message = channel.back.recv_multipart() if channel.back.poll(100) else None
        try:
            if notice and message:
                _, header, parent, _, content = message[message.index(DELIMITER) + 1 :][:5]
                notice.before(json.loads(header)["msg_type"], parent, content)
            elif notice:
                notice.look()
        except Exception as error:
            print(f"waiting.py: {error!r}; from here on nothing is told", file=sys.stderr)
            notice = None
        if message:
            channel.front.send_multipart(message)


def read_cost(path: Path) -> dict | None:
    try:
        cost = json.loads(path.read_text())
        return cost if {"packages", "seconds"} <= cost.keys() else None
    except (OSError, ValueError, AttributeError):
        return None
