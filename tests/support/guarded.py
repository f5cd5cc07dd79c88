# SPDX-License-Identifier: MIT
"""Runs a program natively or under the guard, and says whether the guard was really there.

Every guarded process also loads witness.so, which notes whether realloc is the guard's. A run whose
program was not noted as guarded is a failure, whatever it printed.
"""

import ctypes
import os
import re
import resource
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field

SKIP = 77
MISUSE_STATUS = 86
REPORT_LINE = re.compile(r"^==\d+==|realloc_guard|librealloc_guard", re.MULTILINE)


@dataclass
class Result:
    status: int  # exit status, or minus the signal, as in subprocess
    stdout: bytes
    stderr: bytes
    guarded: list = field(default_factory=list)  # programs that ran with the guard
    bare: list = field(default_factory=list)  # programs that ran without it


@dataclass
class Guard:
    library: str
    witness: str
    options: str  # the value of REALLOC_GUARD_OPTIONS


def guard_of(args):
    """The guard that the options --guard, --witness and --options of a test name."""
    return Guard(os.path.abspath(args.guard), os.path.abspath(args.witness), args.options)


def clean_env():
    """The environment of every run: nothing of the caller's that a guard or a job would notice."""
    dropped = ("LD_", "REALLOC_GUARD", "RG_", "MALLOC_", "GLIBC_TUNABLES", "PYTHON", "PYENV", "GIT_",
               "MAKE", "MFLAGS", "NO_COLOR", "VIM", "PERL")
    env = {k: v for k, v in os.environ.items() if not k.startswith(dropped)}
    env.update(PATH="/usr/bin:/bin", LANG="C.UTF-8", LC_ALL="C.UTF-8", TZ="UTC0")
    return env


def preload_env(guard, notes):
    """What is added to the environment of a guarded program; its witness writes to the file notes."""
    if not guard:
        return {}
    return {"LD_PRELOAD": f"{guard.library}:{guard.witness}",
            "REALLOC_GUARD_OPTIONS": guard.options, "RG_WITNESS": notes}


def drop_core_files():
    """For preexec_fn."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def read_notes(result, notes):
    """Fills in which programs the witness has seen."""
    with open(notes, encoding="utf-8", errors="replace") as lines:
        for line in lines.read().splitlines():
            kind, _, program = line.partition(" ")
            (result.guarded if kind == "guarded" else result.bare).append(program)


def run(argv, guard=None, cwd=None, env=None, stdin=b"", timeout=None):
    """Runs argv to its end. Without a guard, runs natively."""
    env = dict(clean_env(), **(env or {}))
    with tempfile.NamedTemporaryFile(prefix="rg-witness-") as notes:
        env.update(preload_env(guard, notes.name))
        done = subprocess.run(argv, cwd=cwd, env=env, input=stdin, capture_output=True,
                              timeout=timeout, preexec_fn=drop_core_files)
        result = Result(done.returncode, done.stdout, done.stderr)
        read_notes(result, notes.name)
    return result


def loading_errors(result, program):
    """What is wrong with how the guard was loaded into a guarded run of program."""
    errors = []
    if os.path.realpath(program) not in result.guarded:
        errors.append(f"the guard was not loaded into {program}")
    if result.bare:
        errors.append("ran without the guard: " + ", ".join(sorted(set(result.bare))))
    return errors


def has_guard_markers():
    """Whether this kernel has MADV_GUARD_INSTALL for shared anonymous memory."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
    libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    shared_anonymous, read_write, madv_guard_install = 0x21, 3, 102
    page = libc.mmap(None, 4096, read_write, shared_anonymous, -1, 0)
    return libc.madvise(page, 4096, madv_guard_install) == 0


def skip_unless_possible(options):
    if "seal=guard" in options and not has_guard_markers():
        print("SKIP: this kernel has no guard markers for shared memory (Linux 6.15 or later)")
        sys.exit(SKIP)


def finish(errors, results=()):
    """Ends the test: prints what is wrong and everything the runs said."""
    if not errors:
        sys.exit(0)
    for error in errors:
        print(f"FAIL: {error}")
    for name, result in results:
        if result:
            print(f"--- {name}: status {result.status}")
            for stream, data in (("stdout", result.stdout), ("stderr", result.stderr)):
                text = data.decode(errors="replace")
                print(f"--- {name} {stream} ({len(data)} bytes)\n{text[:8000]}")
    sys.exit(1)
