#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""docs/integration/make.md: plain Make, and the guard where it is installed."""

import glob
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from integration_support import EXITCODE, PLACE, SENTENCE, IntegrationTest, main  # noqa: E402

import junitparser  # noqa: E402


class Installed(IntegrationTest):
    """The library, the header, the helper for source lines and the manual page are found where they are installed."""

    project = "make"

    def test_finds_library_and_source_lines(self):
        self.take()
        self.run_in("make", "check")
        output = self.run_in("realloc-guard", "--", "./test_long", status=EXITCODE)
        self.assert_names_misuse(output)
        maps = self.run_in("realloc-guard", "--", "sh", "-c", 'echo "$LD_PRELOAD"').strip()
        self.assertTrue(maps.startswith(self.destination + "/"), maps)
        # It goes on to be found when the folder has another name.
        moved = self.path("moved")
        subprocess.run(["cp", "-a", self.destination, moved], check=True, timeout=60)
        exe = glob.glob(f"{moved}/**/bin/realloc-guard", recursive=True)[0]
        self.assert_names_misuse(self.run_in(exe, "--", "./test_long", status=EXITCODE))

    def test_has_header_and_manual_pages(self):
        names = {name for _, _, files in os.walk(self.destination) for name in files}
        self.assertLessEqual({"realloc_guard.h", "realloc-guard.1", "realloc-guard-convert.1",
                              "realloc-guard-as-valgrind.1"}, names)

    def test_header_compiles_as_c_and_cxx(self):
        include = glob.glob(f"{self.destination}/**/include", recursive=True)[0]
        for compiler, suffix in (("gcc", ".c"), ("g++", ".cpp")):
            self.build("ask", "#include <realloc_guard.h>\n"
                       "int main() { return realloc_guard_find_lost ? realloc_guard_find_lost() + 7 : 3; }\n",
                       "-I" + include, compiler=compiler, suffix=suffix)
            self.run_in("./ask", status=3)
            self.run_in("realloc-guard", "./ask", status=7)


class Make(IntegrationTest):
    project = "make"

    def test_fails_where_a_test_misuses_a_pointer(self):
        self.take()
        self.assertEqual(self.run_in("make", "-s", "check"), "ok test_short\nok test_long\n")
        output = self.run_in("make", "-s", "check-guard", status=2)
        self.assertIn(f"ok test_short\nnot ok test_long: status {EXITCODE}\n", output)
        suite = next(iter(junitparser.JUnitXml.fromfile(self.path("guard.xml"))))
        self.assertEqual((suite.tests, suite.failures, suite.errors), (2, 1, 0))
        failed = next(case for case in suite if case.result)
        self.assertTrue(failed.name.startswith("text_add (text.c) "), failed.name)
        self.assertIn(SENTENCE, failed.result[0].message)
        self.assert_names_misuse(failed.result[0].text)
        self.assertIn(PLACE, self.read("guard.html"))

    def test_passes_without_a_word_where_none_does(self):
        self.take(cured=True)
        lines = self.run_in("make", "-s", "check-guard").splitlines()
        self.assertEqual(lines[:2], ["ok test_short", "ok test_long"])
        # Said by convert, once for each of the two files.
        self.assertEqual([line.split(":")[1] for line in lines[2:]], [" note", " note"])
        suite = next(iter(junitparser.JUnitXml.fromfile(self.path("guard.xml"))))
        self.assertEqual((suite.tests, suite.failures, suite.errors), (1, 0, 0))

    def test_forgets_the_logs_of_the_run_before(self):
        self.take()
        self.run_in("make", "-s", "check-guard", status=2)
        self.take(cured=True)
        self.run_in("make", "-s", "check-guard")

    def test_tries_failing_reallocs(self):
        self.take(cured=True)
        self.assertIn("refused", self.run_in("make", "-s", "check-failures"))


if __name__ == "__main__":
    main()
