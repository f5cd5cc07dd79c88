# SPDX-License-Identifier: MIT
"""The columns of scripts/bench: plain glibc, the guard under several options, and other tools that find
misuse of pointers or watch the heap, as Debian has them. hardened_malloc and DangZero are not packaged."""

import glob
import os
from dataclasses import dataclass, field

import sanitized

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
GUARD = os.path.join(ROOT, "build", "librealloc_guard.so")
LIBRARIES = "/usr/lib/x86_64-linux-gnu/"


@dataclass
class Tool:
    title: str
    preload: str = ""
    env: dict = field(default_factory=dict)  # {folder} stands for where the load runs
    wrapper: list = field(default_factory=list)  # what is put before the command
    # Compiled into the program: only what is built here can be measured, load.c with these flags, and
    # the builds of the real programs that sanitized.py has under this name.
    flags: list = field(default_factory=list)
    build: str = ""
    base: str = "glibc"  # the tool that ratios are to, where that ran the load too
    rounds: int = 100  # at most; where one takes very long, fewer must do
    is_guard: bool = False

    def environment(self, folder):
        env = {name: value.replace("{folder}", folder) for name, value in self.env.items()}
        return dict(env, LD_PRELOAD=self.preload) if self.preload else env


def guard(title, options):
    """A report would be an error of the guard's, and ends the process with a status of its own."""
    return Tool(title, GUARD, {"REALLOC_GUARD_OPTIONS": options}, is_guard=True)


def find(pattern):
    """The newest of the versions that are there; a name that is nowhere, where there is none."""
    return max(glob.glob(pattern), default=pattern)


TOOLS = {
    "glibc": Tool("plain glibc"),
    "rebuilt": Tool("plain glibc, built from source", build="plain"),
    "guard": guard("guard", ""),
    "always": guard("guard, `move=always`", "move=always"),
    "nostacks": guard("guard, one frame a stack", "malloc_context_size=1"),
    "trace": guard("guard, `trace`", "trace={folder}/tmp/trace"),
    "memcheck": Tool("Memcheck", rounds=1, wrapper=[
        "/usr/bin/valgrind", "-q", "--trace-children=yes", "--vgdb=no", "--log-file=/dev/null"]),
    "asan": Tool("AddressSanitizer", env={"ASAN_OPTIONS": sanitized.ASAN_OPTIONS},
                 flags=sanitized.KINDS["address"].split(), build="address", base="rebuilt"),
    "scudo": Tool("Scudo", find("/usr/lib/llvm-*/lib/clang/*/lib/linux/"
                                "libclang_rt.scudo_standalone-x86_64.so")),
    "tcmalloc": Tool("tcmalloc_debug", LIBRARIES + "libtcmalloc_debug.so.4"),
    "heaptrack": Tool("heaptrack", "/usr/lib/heaptrack/libheaptrack_preload.so",
                      {"DUMP_HEAPTRACK_OUTPUT": "{folder}/tmp/heaptrack.$$"}),
    "efence": Tool("Electric Fence", "/usr/lib/libefence.so.0",
                   {"EF_ALLOW_MALLOC_0": "1", "EF_DISABLE_BANNER": "1"}),
    "duma": Tool("DUMA", "/usr/lib/libduma.so.0",
                 {"DUMA_ALLOW_MALLOC_0": "1", "DUMA_DISABLE_BANNER": "1"}),
    "dislocator": Tool("libdislocator", "/usr/lib/afl/libdislocator.so",
                       {"AFL_LD_LIMIT_MB": "16384"}),
    "jemalloc": Tool("jemalloc", LIBRARIES + "libjemalloc.so.2"),
}


def missing(names):
    """Files of the tools that are not there."""
    needed = [file for name in names
              for file in [TOOLS[name].preload] + TOOLS[name].wrapper[:1] if file]
    return [file for file in needed if not os.path.exists(file)]
