# SPDX-License-Identifier: MIT
"""What the tests of the example projects have in common: the guard, installed as a person would install it, and
projects, with the misuse that they come with, and without."""

import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "tools"))
from support import Settings, ToolTest, clean_env, main, tool  # noqa: E402, F401

LIBRARY = os.path.join(HERE, "text")
PAGES = os.path.join(HERE, "..", "..", "docs", "integration")
MISUSE = "strcmp(last, line) == 0) { // HERE: the text may have moved"
CURE = "strcmp(text->start + text->last, line) == 0) {"
EXITCODE = 86
# Debian's own programs, of which the packages for Python are.
SYSTEM = "/usr/bin:/bin:/usr/sbin:/sbin"


def line_of(file, phrase):
    with open(file, encoding="utf-8") as lines:
        return next(number for number, line in enumerate(lines, 1) if phrase in line)


MISUSE_LINE = line_of(os.path.join(LIBRARY, "text.c"), MISUSE)
# How each report of the misuse names it, and its stack the function.
PLACE = f"text.c:{MISUSE_LINE}"
SENTENCE = f"{PLACE} uses a pointer that realloc moved away from at text.c:"
FRAME = "text_add"


class IntegrationTest(ToolTest):
    """Each class of tests installs the guard once, by Meson, into a folder that stands for the root."""

    project = None

    @classmethod
    def setUpClass(cls):
        cls.destination = os.path.join("/tmp", f"rg-integration-{os.getpid()}-{cls.__name__}")
        cls.addClassCleanup(shutil.rmtree, cls.destination, ignore_errors=True)
        build = os.path.dirname(Settings.exe)
        subprocess.run(["meson", "install", "-C", build, "--no-rebuild", "--quiet", "--destdir", cls.destination],
                       check=True, timeout=120, stdout=subprocess.DEVNULL)
        found = [folder for folder, _, files in os.walk(cls.destination) if "realloc-guard" in files]
        cls.bin = found[0]

    def env(self, **more):
        return clean_env(**{"PATH": f"{self.bin}:{SYSTEM}", "MAKEFLAGS": "", "NO_COLOR": "1", **more})

    def take(self, project=None, cured=False):
        """The project in a folder of its own; cured is without the misuse."""
        for source in (LIBRARY, os.path.join(HERE, project or self.project)):
            shutil.copytree(source, self.folder, dirs_exist_ok=True)
        with open(self.path("text.c"), encoding="utf-8") as file:
            code = file.read()
        self.assertEqual(code.count(MISUSE), 1)
        self.write("text.c", code.replace(MISUSE, CURE) if cured else code)

    def run_in(self, *words, status=0, folder="", **more):
        """Runs a command in the project; returns what it printed, both streams in one."""
        result = subprocess.run(words, cwd=os.path.join(self.folder, folder), env=self.env(**more), encoding="utf-8",
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=240, check=False)
        if status is not None:
            self.assertEqual(result.returncode, status, result.stdout)
        return result.stdout

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def assert_names_misuse(self, text):
        self.assertIn(SENTENCE, text)
        self.assertRegex(text, rf"=> #\d+ {FRAME}  \S*{PLACE}\n")

    def assert_silent(self, text):
        for word in ("realloc_guard:", "stale", "realloc-guard: ", "warning"):
            self.assertNotIn(word, text)
