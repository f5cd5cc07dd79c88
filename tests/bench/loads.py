# SPDX-License-Identifier: MIT
"""What scripts/bench measures: synthetic loads (load.c) and real programs, each with an input that is the
same in every run. Where they fit, the jobs of tests/compat are used, with more to do."""

import os
import random
import shutil
import subprocess
import sys
from dataclasses import dataclass, field, replace

HERE = os.path.dirname(os.path.abspath(__file__))
COMPAT = os.path.join(HERE, "..", "compat")
sys.path.insert(0, COMPAT)
import jobs as compat  # noqa: E402

LIBC = "/lib/x86_64-linux-gnu/libc.so.6"
# Of the synthetic loads.
SOURCES = ["load.c", "load_blocks.c", "load_grow.c", "load_nodes.c", "load_programs.c", "load_threads.c"]


@dataclass
class Load:
    argv: list  # {load} stands for the tool's build of load.c, {cc1} for the C compiler proper
    prepare: object = None  # called with the folder, before the first run
    env: dict = field(default_factory=dict)
    synthetic: bool = False
    # A program that brings an allocator of its own: plain glibc must be put before that.
    own_allocator: bool = False
    name: str = ""


def write_functions(folder):
    """A C file that keeps the compiler's middle end busy."""
    rng = random.Random(11)
    with open(folder + "/functions.c", "w", encoding="utf-8") as out:
        out.write("typedef struct node { struct node *next; long key, v[8]; } node;\n")
        for i in range(50):
            steps = "".join("  x = x * %d + n->v[(x >> %d) & 7];\n  if (x & %d) { s += x ^ %d; n->v[%d] = s; }\n"
                            % (rng.randrange(3, 99), rng.randrange(9), 1 << rng.randrange(9),
                               rng.randrange(999), rng.randrange(8)) for _ in range(12))
            out.write(f"long f{i}(node *n, long x) {{\n  long s = {i};\n"
                      f"  for (; n; n = n->next) {{\n{steps}  }}\n"
                      f"  return s{f' + f{i - 1}((node *)s, x)' if i else ''};\n}}\n")


def write_commands(folder):
    """Commands for redis: strings that are set and appended to, hashes and lists."""
    rng = random.Random(12)
    kinds = [lambda key: f"SET s{key} {'v' * rng.randrange(8, 200)}",
             lambda key: f"APPEND s{key} {'a' * rng.randrange(1, 60)}",
             lambda key: f"HSET h{key % 2000} f{rng.randrange(60)} {rng.randrange(10**9)}",
             lambda key: f"LPUSH l{key % 500} {'e' * rng.randrange(3, 40)}"]
    with open(folder + "/keys.txt", "w", encoding="utf-8") as out:
        for _ in range(250000):
            out.write(rng.choice(kinds)(rng.randrange(40000)) + "\r\n")


def write_repository(folder):
    """A history of 700 commits, each a change of a few lines."""
    rng = random.Random(13)
    files = {f"folder_{i % 5}/file_{i}.txt": [f"line {n} {rng.random()}" for n in range(300)]
             for i in range(40)}
    stream = []
    for commit in range(700):
        changed = list(files) if commit == 0 else rng.sample(list(files), 3)
        message = f"change {commit}\n"
        stream.append(f"commit refs/heads/main\n"
                      f"committer A. Author <author@example.org> {1700000000 + commit * 60} +0000\n"
                      f"data {len(message)}\n{message}")
        for name in changed:
            files[name][rng.randrange(300)] = f"changed by {commit}: {rng.random()}"
            text = "\n".join(files[name]) + "\n"
            stream.append(f"M 100644 inline {name}\ndata {len(text)}\n{text}")
    env = dict(os.environ, **compat.GIT_ENV)
    repository = folder + "/repository"
    subprocess.run(["git", "init", "-q", "-b", "main", repository], check=True, env=env)
    subprocess.run(["git", "fast-import", "--quiet"], cwd=repository, check=True, env=env,
                   input="\n".join(stream).encode())
    subprocess.run(["git", "reset", "-q", "--hard"], cwd=repository, check=True, env=env)


def load_program(name):
    return Load(["{load}", name], synthetic=True)


SYNTHETIC = ["random", "live", "deep", "list", "tree", "vectors", "strings", "shrink", "pipeline",
             "threads", "starts", "compute"]

REAL = {
    "bash": Load(["/usr/bin/bash", "inventory.sh"]),
    "cc1": Load(["{cc1}", "-quiet", "-O2", "functions.c", "-o", "functions.s"], write_functions),
    "gawk": Load(["/usr/bin/gawk", "-f", "columns.awk", "words.txt"],
                 lambda folder: compat.write_words(folder, 100000)),
    "git": Load(["/usr/bin/bash", "repository.sh"], write_repository, compat.GIT_ENV),
    "jq": Load(["/usr/bin/jq", compat.JQ_PROGRAM, "document.json"],
               lambda folder: compat.write_documents(folder, 1, 40000)),
    "lua": Load(["/usr/bin/lua5.4", "people.lua"]),
    "perl": Load(["/usr/bin/perl", "words.pl"],
                 lambda folder: compat.write_words(folder, 150000)),
    "python3": Load(["/usr/bin/python3", "-B", "records.py", "15000"],
                    env={"PYTHONMALLOC": "malloc", "PYTHONHASHSEED": "0"}),
    "redis": Load(["/usr/bin/bash", "keys.sh", "benchmark"], own_allocator=True),
    # The same server, given its commands as lines of text: it builds each word of them by appending byte by byte.
    "redis-text": Load(["/usr/bin/bash", "keys.sh", "text"], write_commands, own_allocator=True),
    "sort": Load(["/usr/bin/sort", "--parallel=2", "-S", "2M", "-k", "4", "-o", "sorted.txt",
                  "numbers.txt"], lambda folder: compat.write_numbers(folder, 500000)),
    "sqlite3": Load(["/usr/bin/sqlite3", "-batch", "sales.db", ".read import.sql"],
                    lambda folder: compat.write_rows(folder, 150000)),
    "vim": Load(["/usr/bin/vim", "-es", "-n", "-i", "NONE", "-u", "NONE", "-S", "edit.vim"],
                lambda folder: compat.write_words(folder, 25000)),
    "xmllint": Load(["/usr/bin/xmllint", "--noent", "--format", "document.xml"],
                    lambda folder: compat.write_documents(folder, 180000, 1)),
}

LOADS = {name: replace(load, name=name)
         for name, load in {**{name: load_program(name) for name in SYNTHETIC}, **REAL}.items()}


def prepare(load, folder):
    """Makes the folder that every run of the load gets a copy of."""
    shutil.copytree(os.path.join(COMPAT, "workloads"), folder)
    shutil.copytree(os.path.join(HERE, "workloads"), folder, dirs_exist_ok=True)
    os.mkdir(os.path.join(folder, "tmp"))
    os.mkdir(os.path.join(folder, "home"))
    if load.prepare:
        load.prepare(folder)
