"""Starts the Rust kernel in a build folder of its own; Jupyter calls this, with the connection file's path.

evcxr builds every cell in one crate, and one folder serves one kernel at a time. Each kernel therefore takes
the first free folder of .tools/kernels: the packages built there by an earlier kernel are still there, and a
second kernel beside it gets the next folder instead of a broken first one. A folder that is new, or older than
what set-up has built, begins as a copy of that: either way a kernel starts with nothing left to compile.
"""

import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows: evcxr then makes a new temporary folder each time, slower but right.
    fcntl = None

ROOT = Path(__file__).resolve().parents[3]
TOOLS = ROOT / ".tools"
# The standard library's source, shortened by set-up; a kernel without it reads the toolchain's own, which takes longer.
RUST_SRC = TOOLS / "rust-src"
# Tests and measurements have their own build folders.
FOLDERS = Path(os.environ.get("GMM_BUILD_FOLDERS") or TOOLS / "kernels")

# Settings of the reader's own cargo builds that would move or change what evcxr expects to find.
HARMFUL = ["CARGO_BUILD_TARGET", "CARGO_ENCODED_RUSTFLAGS", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER"]


def take_free_folder() -> Path:
    """Locks and returns the first folder that no kernel uses.

    The open lock file becomes this process's standard input, which the kernel never reads and inherits: the
    lock lasts exactly as long as the kernel, or whatever it leaves running, however it ends. The file names the
    kernel's process, which is this one.
    """
    for number in itertools.count(1):
        folder = FOLDERS / str(number)
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            continue
        os.truncate(lock, 0)
        os.write(lock, str(os.getpid()).encode())
        if lock != 0:
            os.dup2(lock, 0)
            os.close(lock)
        return folder


def fill(crate: Path) -> None:
    """Puts what set-up has built into the folder, unless the same or a later kernel's work is there already."""
    ready = FOLDERS / "ready"
    new = crate.with_name("crate.new")
    try:
        if not (ready / "stamp").exists() or is_same(ready / "stamp", crate / "stamp"):
            return
        shutil.rmtree(new, ignore_errors=True)
        shutil.copytree(ready, new)  # with the files' times, by which cargo knows that they are up to date
        shutil.rmtree(crate, ignore_errors=True)
        new.rename(crate)
    except (OSError, shutil.Error) as error:  # the kernel will compile then, which takes longer, and is right
        print(f"start_kernel.py: cannot copy {ready}: {error}", file=sys.stderr)


def is_same(one: Path, other: Path) -> bool:
    return other.exists() and one.read_bytes() == other.read_bytes()


class Kernel:
    """The kernel's process, as seen by a child of it, and the Jupyter that has started it."""

    def __init__(self):
        self.process = os.getpid()
        self.jupyter = int(os.environ.get("JPY_PARENT_PID", os.getppid()))
        self.looked = 0.0

    def is_running(self) -> bool:
        """Whether it still runs. When Jupyter is gone, ends the kernel with all that it has started.

        Other kernels look for themselves whether Jupyter still runs; evcxr does not. When a terminal window with
        Jupyter is closed, it would stay for ever, and with it the lock on its folder.
        """
        if os.getppid() != self.process:
            return False
        if time.monotonic() - self.looked > 1:
            self.looked = time.monotonic()
            try:
                os.kill(self.jupyter, 0)
            except ProcessLookupError:
                os.killpg(0, signal.SIGKILL)
        return True


def accompany(kernel: Kernel, start_telling) -> None:
    """What the child does as long as the kernel runs: tell about packages being compiled, and look after its end."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # the lock is the kernel's alone
    try:
        if start_telling:
            start_telling()
    except Exception as error:
        print(f"start_kernel.py: {error!r}", file=sys.stderr)
    while kernel.is_running():
        time.sleep(1)


def listen_between(crate: Path, kernel: Kernel) -> str:
    """Puts waiting.py between the kernel and the front end; returns the connection file that the kernel is to use.

    The original one if that does not work: then nobody is told, and everything else is as it should be.
    """
    original = sys.argv[1]
    connection = json.loads(Path(original).read_text())
    if os.environ.get("GMM_QUIET") or connection["transport"] != "tcp":
        fork(kernel, None)
        return original
    port = free_port(connection["ip"])
    ready, say_ready = os.pipe()

    def start_telling():
        try:
            import waiting  # takes a tenth of a second, and can fail

            channel = waiting.Channel(connection, port)
            notice = waiting.Notice(channel.send, crate, waiting.read_cost(FOLDERS / "cost.json"))
            os.write(say_ready, b"1")
        finally:
            os.close(say_ready)
        waiting.pass_on(channel, notice, kernel.is_running)

    fork(kernel, start_telling)
    os.close(say_ready)
    if os.read(ready, 1) != b"1":
        return original
    changed = crate.with_name("connection.json")
    changed.unlink(missing_ok=True)
    with open(os.open(changed, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:  # it contains the key
        json.dump(connection | {"iopub_port": port}, file)
    return str(changed)


def fork(kernel: Kernel, start_telling) -> None:
    if os.fork() == 0:
        try:
            accompany(kernel, start_telling)
        finally:
            os._exit(0)


def free_port(ip: str) -> int:
    with socket.socket() as probe:
        probe.bind((ip, 0))
        return probe.getsockname()[1]


def environment() -> dict:
    env = {name: value for name, value in os.environ.items() if name not in HARMFUL}
    env["EVCXR_CONFIG_DIR"] = str(TOOLS / "evcxr")
    # Where evcxr looks for its own registration, to bring it up to date: ours, never one in the user's home.
    env["JUPYTER_PATH"] = str(TOOLS / "jupyter" / "share" / "jupyter")
    if (RUST_SRC / "copied-from").exists():
        env["RUST_SRC_PATH"] = str(RUST_SRC / "library")
    env["GMM_LOCK_FILE"] = str(ROOT / "Cargo.lock")
    return env


def main() -> None:
    kernel = str(TOOLS / "kernel" / "bin" / "evcxr_jupyter")
    env = environment()
    if not fcntl:
        sys.exit(subprocess.call([kernel, "--control_file", sys.argv[1]], env=env))
    crate = take_free_folder() / "crate"
    fill(crate)
    env["EVCXR_TMPDIR"] = str(crate)
    os.execve(kernel, [kernel, "--control_file", listen_between(crate, Kernel())], env)


if __name__ == "__main__":
    main()
