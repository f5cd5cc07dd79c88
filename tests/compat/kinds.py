# SPDX-License-Identifier: MIT
"""The three kinds of jobs. Every kind says which programs must have run with the guard (programs), and
which have a malloc of their own, so that the guard is loaded there but not used (bare)."""

import os
import sys
from dataclasses import dataclass, field

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
import guarded  # noqa: E402

# Nothing takes this long; a run that does is stuck.
PATIENCE = 900


@dataclass
class Job:
    """One command, run in a folder with its input. Its status, output and files are compared."""
    argv: list
    prepare: object = None  # called with the folder
    env: dict = field(default_factory=dict)
    status: int = 0  # natively; a job that fails natively would compare nothing
    uncompared: tuple = ()  # files whose content differs from run to run, as path ends
    programs: tuple = ()  # by default the command itself
    bare: tuple = ()
    has_files = True

    def run(self, place):
        env = dict(self.env, HOME=place.path("home"), TMPDIR=place.path("tmp"))
        return guarded.run(self.argv, place.guard, cwd=place.folder, env=env, timeout=PATIENCE)

    def executables(self):
        """The files that must be there."""
        return self.programs or (() if self.bare else (self.argv[0],))


@dataclass
class Service:
    """Servers and their clients. serve(place) starts, uses and stops them, and returns what is to be
    compared, a text; what must hold in any run it requires itself (place.require)."""
    serve: object
    programs: tuple
    bare: tuple = ()
    status = 0
    prepare = None
    uncompared = ()
    has_files = False

    def run(self, place):
        text = self.serve(place)
        result = guarded.Result(0, text.encode(), b"")
        place.read_notes(result)
        return result

    def executables(self):
        return self.programs


@dataclass
class External:
    """A program of its own beside this file that compares by itself. It is given --guard, --witness and
    --options, and then arguments; its exit status says 0 same and silent, 1 not, 77 skipped."""
    program: str
    arguments: tuple = ()  # {build} stands for the build folder

    def argv(self, build, guard):
        own = [argument.format(build=build) for argument in self.arguments]
        return [sys.executable, os.path.join(HERE, self.program), "--guard", guard.library,
                "--witness", guard.witness, "--options", guard.options, *own]

    def executables(self):
        return ()
