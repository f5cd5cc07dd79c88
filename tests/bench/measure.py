# SPDX-License-Identifier: MIT
"""One run of a command: CPU time (user + system, of all its processes that were waited for), wall time,
and, when sampled, peak memory and mappings of the process tree.

Memory is Pss and page tables: the resident set size would count every mapping of a page. Sampling takes
time from the program (its memory map is locked meanwhile), so times are taken in runs without it."""

import ctypes
import hashlib
import os
import resource
import select
import signal
import struct
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass, field

from processes import children_of  # of tests/support

SAMPLE_SECONDS = 0.002
SYS_KCMP, KCMP_VM = 312, 1  # of x86-64; the C library has no function for it
LIBC = ctypes.CDLL(None)
COUNT_NAMES = ("allocations", "reallocs", "frees", "moves", "peak_live")  # as in count_calls.c


@dataclass
class Run:
    cpu: float = 0
    wall: float = 0
    memory: int = 0  # kB
    mappings: int = 0  # of the process that had most
    parts: dict = field(default_factory=dict)  # seconds
    output: str = ""  # a digest of it, without the parts
    trouble: str = ""  # why it counts as failed


def kilobytes(path, key):
    with open(path, encoding="ascii", errors="replace") as file:
        return sum(int(line.split()[1]) for line in file if line.startswith(key))


def has_memory_of(child, pid):
    """Whether a child still runs in its parent's memory, after vfork or posix_spawn."""
    return LIBC.syscall(SYS_KCMP, pid, child, KCMP_VM, 0, 0) == 0


def sample_tree(pid):
    """Memory of a process and its descendants, and the most mappings that one has."""
    memory = mappings = 0
    try:
        memory = kilobytes(f"/proc/{pid}/smaps_rollup", "Pss:") + kilobytes(
            f"/proc/{pid}/status", "VmPTE:")
        with open(f"/proc/{pid}/maps", "rb") as maps:
            mappings = sum(1 for _ in maps)
    except OSError:
        pass  # it has just ended
    for child in children_of(pid):
        if has_memory_of(child, pid):
            continue  # that memory has been counted
        more, other = sample_tree(child)
        memory, mappings = memory + more, max(mappings, other)
    return memory, mappings


class Sampler(threading.Thread):
    """Samples from now on until it is stopped, at most half of the time."""

    def __init__(self, pid):
        super().__init__()
        self.pid, self.memory, self.mappings = pid, 0, 0
        self.stopped = threading.Event()
        self.start()

    def stop(self):
        self.stopped.set()
        self.join()

    def run(self):
        while True:
            begun = time.monotonic()
            memory, mappings = sample_tree(self.pid)
            self.memory, self.mappings = max(self.memory, memory), max(self.mappings, mappings)
            if self.stopped.wait(max(SAMPLE_SECONDS, time.monotonic() - begun)):
                break


def wait_for(child, seconds):
    """Waits for the child's end, and ends it and its process group after so many seconds, or when this
    program is to end. Answers what it used, and whether it ended by itself."""
    descriptor = os.pidfd_open(child.pid)
    in_time = False
    try:
        in_time = bool(select.select([descriptor], [], [], seconds)[0])
    finally:
        os.close(descriptor)
        if not in_time:
            os.killpg(child.pid, signal.SIGKILL)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    return usage, in_time


def set_limits(cpu_seconds):
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))


def trouble_of(child, in_time, errors):
    """Why a run counts as failed; errors is what it wrote to standard error."""
    if not in_time:
        return "hangs"
    # The loader goes on without what it cannot load.
    if child.returncode == 0 and "cannot be preloaded" not in errors:
        return ""
    if child.returncode in (-signal.SIGKILL, 128 + signal.SIGKILL):
        return "out of time"
    said = next((line for line in reversed(errors.split("\n")) if line.strip()), "")
    return f"status {child.returncode} {said[:120]}".strip()


def run(argv, cwd, env, cpu_seconds, is_sampled=False):
    """Runs argv. Each of its processes may take that much CPU time, and all ten times as long."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        begun = time.monotonic()
        child = subprocess.Popen(argv, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=out,
                                 stderr=errors, start_new_session=True,
                                 preexec_fn=lambda: set_limits(cpu_seconds))
        sampler = Sampler(child.pid) if is_sampled else None
        try:
            usage, in_time = wait_for(child, 10 * cpu_seconds)
            wall = time.monotonic() - begun
        finally:
            if sampler:
                sampler.stop()
        result = Run(usage.ru_utime + usage.ru_stime, wall)
        if sampler:
            result.memory, result.mappings = sampler.memory, sampler.mappings
        out.seek(0)
        errors.seek(0)
        result.trouble = trouble_of(child, in_time, errors.read().decode(errors="replace"))
        digest = hashlib.sha256()
        for line in out:
            if line.startswith(b"part "):
                _, name, figure = line.decode().split()
                result.parts[name] = float(figure)
            else:
                digest.update(line)
        result.output = digest.hexdigest()
        return result


def read_counts(path):
    """What count_calls.c left in a file."""
    with open(path, "rb") as file:
        return dict(zip(COUNT_NAMES, struct.unpack(f"{len(COUNT_NAMES)}Q", file.read())))


def make_counts(path):
    with open(path, "wb") as file:
        file.write(bytes(8 * len(COUNT_NAMES)))
