# SPDX-License-Identifier: MIT
"""What the tests of realloc-guard share: its path, a scratch folder, building small programs."""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

SKIP = 77

# Whoever runs the tests may ignore these (nohup; a shell, of what it starts in the background), and what is started would
# ignore them too.
for number, usual in ((signal.SIGHUP, signal.SIG_DFL), (signal.SIGINT, signal.default_int_handler),
                      (signal.SIGQUIT, signal.SIG_DFL)):
    if signal.getsignal(number) == signal.SIG_IGN:
        signal.signal(number, usual)


class Settings:
    exe = None
    library = None
    made_up = None


def clean_env(**more):
    env = {k: v for k, v in os.environ.items()
           if not k.startswith(("LD_", "REALLOC_GUARD", "DEBUGINFOD"))}
    env.update(more)
    return env


def tool(*words, env=None, **keywords):
    """Runs realloc-guard with the words; returns the finished process, its output as text."""
    return subprocess.run([Settings.exe, *words], env=env or clean_env(), encoding="utf-8",
                          errors="replace", stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=120, check=False, **keywords)


def wait_for(what, *words):
    """Until what(*words) is true, for a minute at most."""
    end = time.monotonic() + 60
    while not what(*words):
        if time.monotonic() > end:
            raise AssertionError("what is waited for does not happen")
        time.sleep(0.01)


class ToolTest(unittest.TestCase):
    """A test with a folder of its own."""

    maxDiff = None

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="rg-tools-")
        self.addCleanup(shutil.rmtree, self.folder)
        # Another user must be able to get at the programs here.
        os.chmod(self.folder, 0o755)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text, mode=0o644):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(self.path(name), mode)
        return self.path(name)

    def build(self, name, source, *flags, compiler="gcc", suffix=".c"):
        if not shutil.which(compiler):
            self.skipTest(f"{compiler} is not installed")
        code = self.write(name + suffix, source)
        subprocess.run([compiler, *flags, code, "-o", self.path(name)], check=True, timeout=120,
                       cwd=self.folder)
        return self.path(name)


def main():
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
    parser.add_argument("--exe", required=True, help="the realloc-guard to test")
    parser.add_argument("--library", required=True, help="the librealloc_guard.so beside it")
    parser.add_argument("--made-up", help="a program that writes a log of each kind of misuse")
    args = parser.parse_args()
    Settings.exe = os.path.abspath(args.exe)
    Settings.library = os.path.abspath(args.library)
    Settings.made_up = args.made_up
    tests = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    result = unittest.TextTestRunner(verbosity=2).run(tests)
    if not result.wasSuccessful() or not result.testsRun:
        sys.exit(1)
    sys.exit(SKIP if len(result.skipped) == result.testsRun else 0)
