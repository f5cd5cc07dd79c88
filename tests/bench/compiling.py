# SPDX-License-Identifier: MIT
"""Compiling the programs beside this file. Always in the same way, whatever the build folder is set to."""

import os
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))

# The compiler must not take pairs of malloc and free out.
CFLAGS = ["-std=gnu17", "-O2", "-g", "-Wall", "-Wextra", "-D_GNU_SOURCE", "-pthread"] + [
    f"-fno-builtin-{name}" for name in ("malloc", "calloc", "realloc", "free")]


def compile_c(target, sources, flags=()):
    """Makes the program `target` and answers its path."""
    subprocess.run(["gcc"] + CFLAGS + list(flags) + ["-o", target]
                   + [os.path.join(HERE, source) for source in sources], check=True)
    return target
