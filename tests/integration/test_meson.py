#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""docs/integration/meson.md: a test setup, and --wrapper."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from integration_support import EXITCODE, IntegrationTest, main  # noqa: E402

import junitparser  # noqa: E402


class Meson(IntegrationTest):
    project = "meson"

    def cases(self, log):
        """What the JUnit file of Meson says: the cases by name."""
        suite = next(iter(junitparser.JUnitXml.fromfile(self.path(f"build/meson-logs/{log}.junit.xml"))))
        return {case.name: case for case in suite}

    def set_up(self, **keywords):
        self.take(**keywords)
        self.run_in("meson", "setup", "build")
        self.run_in("meson", "test", "-C", "build")

    def assert_found(self, log):
        cases = self.cases(log)
        self.assertFalse(cases["test_short"].result)
        self.assertIsInstance(cases["test_long"].result[0], junitparser.Failure)
        self.assert_names_misuse(cases["test_long"].system_err)

    def test_setup_finds_the_misuse(self):
        self.set_up()
        output = self.run_in("meson", "test", "-C", "build", "--setup", "guard", status=1)
        self.assertRegex(output, r"test_short +OK")
        self.assertRegex(output, rf"test_long +FAIL .*exit status {EXITCODE}")
        self.assert_found("testlog-guard")
        self.assert_names_misuse(self.read("build/meson-logs/testlog-guard.txt"))

    def test_wrapper_finds_the_misuse(self):
        self.set_up()
        self.run_in("meson", "test", "-C", "build", "--wrapper", "realloc-guard --", status=1)
        self.assert_found("testlog-realloc-guard")

    def test_logs_for_machines_come_by_the_environment(self):
        self.set_up()
        self.run_in("meson", "test", "-C", "build", "--setup", "guard", status=1,
                    REALLOC_GUARD_OPTIONS=f"format=json:log_path={self.folder}/guard.%p.log")
        logs = [name for name in os.listdir(self.folder) if name.startswith("guard.")]
        self.assertEqual(len(logs), 1)
        self.assert_names_misuse(self.run_in("realloc-guard", "convert", "--to=text", *logs))

    def test_passes_without_a_word_where_there_is_none(self):
        self.set_up(cured=True)
        for words in (["--setup", "guard"], ["--wrapper", "realloc-guard --"]):
            self.run_in("meson", "test", "-C", "build", *words)
        for log in ("testlog-guard", "testlog-realloc-guard"):
            for case in self.cases(log).values():
                self.assertEqual((case.result, case.system_err), ([], None))


if __name__ == "__main__":
    main()
