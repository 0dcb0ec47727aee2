"""Runs one cell in a new Rust kernel and prints what a front end gets to see of it meanwhile.

usage: watch_cell.py FOLDER SECONDS < CELL      (the kernel's working folder; the time limit)

Standard output, a JSON object per message of the kernel's channel of outputs that belongs to the cell:
    {"kind": "display_data", "text": "…"}      its type, and its text if it has one

For tests of what run_cells.py does not keep: outputs that are replaced or cleared. Like any front end, it shows no
message whose signature is wrong.
"""

import json
import os
import signal
import sys
import time

from jupyter_client import BlockingKernelClient, KernelManager


def text(content: dict) -> str:
    return content.get("text") or content.get("data", {}).get("text/plain", "")


def watch(client: BlockingKernelClient, cell: str, limit: float) -> None:
    deadline = time.monotonic() + limit
    request = client.execute(cell, allow_stdin=False)
    while True:
        message = client.get_iopub_msg(timeout=deadline - time.monotonic())
        if message["parent_header"].get("msg_id") != request:
            continue
        kind, content = message["msg_type"], message["content"]
        print(json.dumps({"kind": kind, "text": text(content)}), flush=True)
        if kind == "status" and content["execution_state"] == "idle":
            return


def main(folder: str, limit: float) -> None:
    manager = KernelManager(kernel_name="rust")
    manager.start_kernel(cwd=folder, stdout=sys.stderr, stderr=sys.stderr)
    try:
        client = manager.client()
        client.start_channels()
        client.wait_for_ready(timeout=limit)
        watch(client, sys.stdin.read(), limit)
        client.stop_channels()
    finally:
        os.killpg(manager.provisioner.pid, signal.SIGKILL)
        manager.shutdown_kernel(now=True)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
