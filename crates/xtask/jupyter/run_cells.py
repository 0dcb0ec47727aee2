"""Runs cells in a Rust kernel, one by one, as they arrive: the part of the runner that speaks Jupyter.

usage: run_cells.py FOLDER CELL_SECONDS START_SECONDS
                                        (the kernel's working folder; the time limits of one cell and of the start)

Standard input, a JSON object per line:
    {"source": "…", "settle": true}     run this; with "settle", wait for all that it wrote to standard error
Its end means "stop", also in the middle of a cell, so that no kernel outlives the program that asked for it.

Standard output, a JSON object per line:
    {"kernel": pid}        started; the leader of a process group
    {"ready": true}        answers
    {"outputs": [...]}     a cell has finished, with these outputs
    {"timeout": [...]}     a cell ran into its limit, with these outputs so far; nothing follows
    {"died": "…"}          there is no kernel any more; nothing follows

Nothing is judged here: see judge.rs. What the kernel and cargo print goes to standard error. A reply other than "ok"
to a cell that shows no error becomes an error among its outputs, so that whoever looks at these sees it.

The kernel says that it is idle without waiting for the cell's standard error, which arrives through a pipe and two
threads: a panic may show up after its cell. So every output is taken, whichever cell it is said to belong to; a
short silence is waited for after each cell; and "settle" runs one more cell that writes a mark to standard
error, which is behind everything written before.
"""

import asyncio
import json
import os
import queue
import signal
import sys
import threading
import time

from jupyter_client import AsyncKernelManager

# How often to look whether the kernel still lives.
POLL_SECONDS = 0.5
# No output for so long after a cell means, nearly always, that it was the last.
SILENCE_SECONDS = 0.03

MARK = "[all of standard error is here]\n"
WRITE_MARK = f"eprint!({json.dumps(MARK)});"

# Which messages are outputs, and what of them a notebook keeps. nbformat knows that too, but to import it takes
# 1.5 seconds.
OUTPUTS = {
    "stream": ["name", "text"],
    "execute_result": ["data", "metadata", "execution_count"],
    "display_data": ["data", "metadata"],
    "error": ["ename", "evalue", "traceback"],
}

# Whatever a library prints must not end up between the messages.
messages = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)


def say(**message) -> None:
    print(json.dumps(message), file=messages, flush=True)


class TimedOut(Exception):
    pass


class Died(Exception):
    pass


def no_error_shown(status: str) -> dict:
    text = f'the kernel replied "{status}" in place of "ok", and showed no error'
    return {"output_type": "error", "ename": "reply", "evalue": text, "traceback": []}


class Kernel:
    """A running kernel and the outputs of its present cell."""

    def __init__(self, limit: int, start_limit: int):
        self.manager = AsyncKernelManager(kernel_name="rust")
        self.limit = limit
        self.start_limit = start_limit
        self.outputs = []

    async def start(self, folder: str) -> None:
        await self.manager.start_kernel(cwd=folder, stdout=sys.stderr, stderr=sys.stderr)
        say(kernel=self.manager.provisioner.pid)
        self.client = self.manager.client()
        self.client.start_channels()
        try:
            await self.client.wait_for_ready(timeout=self.start_limit)
        except RuntimeError as error:
            if await self.manager.is_alive():
                raise Died(f"it did not answer within {self.start_limit} s") from None
            raise Died(str(error)) from None

    async def run(self, source: str, settle: bool) -> None:
        self.outputs = []
        status = "ok"
        if source.strip():
            status = await self.execute(source, until=self.is_idle)
            while await self.receive(SILENCE_SECONDS):
                pass
        if settle or any(output.get("name") == "stderr" for output in self.outputs):
            await self.execute(WRITE_MARK, until=self.is_mark)
        if status != "ok" and not any(output["output_type"] == "error" for output in self.outputs):
            self.outputs.append(no_error_shown(status))

    async def execute(self, source: str, until) -> str:
        """Runs this, and returns the status of the kernel's reply."""
        self.request = self.client.execute(source, allow_stdin=False)
        deadline = time.monotonic() + self.limit
        while not until(message := await self.receive(POLL_SECONDS)):
            await self.check_alive(message, deadline)
        while not (reply := await self.reply()):
            await self.check_alive(reply, deadline)
        return reply["content"]["status"]

    async def check_alive(self, message, deadline: float) -> None:
        if message is None and not await self.manager.is_alive():
            raise Died("its process is gone")
        if time.monotonic() > deadline:
            raise TimedOut

    async def reply(self):
        """The reply to the present request, None if none comes in time."""
        try:
            message = await self.client.get_shell_msg(timeout=POLL_SECONDS)
        except queue.Empty:
            return None
        return message if message["parent_header"].get("msg_id") == self.request else None

    def is_idle(self, message) -> bool:
        if not message or message["msg_type"] != "status":
            return False
        is_answer = message["parent_header"].get("msg_id") == self.request
        return is_answer and message["content"]["execution_state"] == "idle"

    def is_mark(self, message) -> bool:
        if not self.outputs or self.outputs[-1].get("text") != MARK:
            return False
        self.outputs.pop()
        return True

    async def receive(self, seconds: float):
        """The next message, None if none comes in time; an output is kept."""
        try:
            message = await self.client.get_iopub_msg(timeout=seconds)
        except queue.Empty:
            return None
        kind, content = message["msg_type"], message["content"]
        if kind in OUTPUTS:
            self.outputs.append({"output_type": kind, **{name: content[name] for name in OUTPUTS[kind]}})
        return message

    async def stop(self) -> None:
        """Ends it with all it has started: the cells' own process, a running cargo, its compilers."""
        if not self.manager.has_kernel:
            return
        if hasattr(os, "killpg"):
            try:
                os.killpg(self.manager.provisioner.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        await self.manager.shutdown_kernel(now=True)


async def run_cell(kernel: Kernel, cell: dict) -> bool:
    """Runs one cell, reports, and says whether the kernel can take another."""
    try:
        await kernel.run(cell["source"], cell["settle"])
    except TimedOut:
        say(timeout=kernel.outputs)
    except Died as error:
        say(died=str(error))
    else:
        say(outputs=kernel.outputs)
        return True
    return False


async def serve(kernel: Kernel, lines: asyncio.Queue) -> None:
    say(ready=True)
    upcoming = asyncio.ensure_future(lines.get())
    while (cell := await upcoming) is not None:
        upcoming = asyncio.ensure_future(lines.get())
        running = asyncio.ensure_future(run_cell(kernel, cell))
        await asyncio.wait({running, upcoming}, return_when=asyncio.FIRST_COMPLETED)
        if not running.done():  # the next line is only sent after this cell's outputs: the input has ended
            running.cancel()
            return
        if not running.result():
            return


def read_lines(loop, lines: asyncio.Queue) -> None:
    """Puts each line of standard input into the queue, then None."""
    with open(0, "rb", buffering=0, closefd=False) as stdin:
        for line in stdin:
            loop.call_soon_threadsafe(lines.put_nowait, json.loads(line))
    loop.call_soon_threadsafe(lines.put_nowait, None)


async def main(folder: str, limit: int, start_limit: int) -> None:
    kernel = Kernel(limit, start_limit)
    loop = asyncio.get_running_loop()
    lines = asyncio.Queue()
    threading.Thread(target=read_lines, args=(loop, lines), daemon=True).start()
    if hasattr(os, "killpg"):
        loop.add_signal_handler(signal.SIGTERM, asyncio.current_task().cancel)
    try:
        await kernel.start(folder)
        await serve(kernel, lines)
    except Died as error:
        say(died=str(error))
    except asyncio.CancelledError:
        pass
    finally:
        await kernel.stop()


if __name__ == "__main__":
    # Jupyter's sockets need this kind of loop on Windows.
    if sys.platform == "win32":
        asyncio.set_event_loop_policy(asyncio.WindowsSelectorEventLoopPolicy())
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
