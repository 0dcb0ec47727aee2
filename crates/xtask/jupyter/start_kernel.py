"""Starts the Rust kernel in a build folder of its own; Jupyter calls this, with the connection file's path.

evcxr builds every cell in one crate, and one folder serves one kernel at a time. Each kernel therefore takes
the first free folder of .tools/kernels: the dependencies built there by an earlier kernel are still there, so
it starts warm, and a second kernel beside it gets the next folder instead of a broken first one.
"""

import itertools
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows: evcxr then makes a new temporary folder each time, slower but right.
    fcntl = None

TOOLS = Path(__file__).resolve().parents[3] / ".tools"

# Settings of the reader's own cargo builds that would move or change what evcxr expects to find.
HARMFUL = ["CARGO_BUILD_TARGET", "CARGO_ENCODED_RUSTFLAGS", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER"]


def take_free_folder() -> Path:
    """Locks and returns the first folder that no kernel uses.

    The open lock file becomes this process's standard input, which the kernel never reads and inherits: the
    lock lasts exactly as long as the kernel, or whatever it leaves running, however it ends.
    """
    for number in itertools.count(1):
        folder = TOOLS / "kernels" / str(number)
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            continue
        os.dup2(lock, 0)
        return folder


def end_with_jupyter(kernel: int, jupyter: int) -> None:
    """Waits, in a process of its own, until Jupyter is gone, and ends the kernel with all that it has started.

    Other kernels look for themselves whether Jupyter still runs; evcxr does not. When a terminal window with
    Jupyter is closed, it would stay for ever, and with it the lock on its folder.
    """
    while os.getppid() == kernel:
        try:
            os.kill(jupyter, 0)
        except ProcessLookupError:
            os.killpg(0, signal.SIGKILL)
        time.sleep(1)


def environment() -> dict:
    env = {name: value for name, value in os.environ.items() if name not in HARMFUL}
    env["EVCXR_CONFIG_DIR"] = str(TOOLS / "evcxr")
    env["XDG_CACHE_HOME"] = str(TOOLS / "cache")
    # Where evcxr looks for its own registration, to bring it up to date: ours, never one in the user's home.
    env["JUPYTER_PATH"] = str(TOOLS / "jupyter" / "share" / "jupyter")
    if fcntl:
        env["EVCXR_TMPDIR"] = str(take_free_folder() / "crate")
    return env


def main() -> None:
    kernel = str(TOOLS / "kernel" / "bin" / "evcxr_jupyter")
    command = [kernel, "--control_file", sys.argv[1]]
    if fcntl:
        jupyter, own = int(os.environ.get("JPY_PARENT_PID", os.getppid())), os.getpid()
        if os.fork() == 0:  # before the lock is taken, which is the kernel's alone
            end_with_jupyter(own, jupyter)
            os._exit(0)
        os.execve(kernel, command, environment())
    sys.exit(subprocess.call(command, env=environment()))


if __name__ == "__main__":
    main()
