#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""docs/integration/pytest.md: an extension in C, and a conftest.py that fails the test during which it went wrong."""

import os
import sys
import xml.etree.ElementTree

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from integration_support import EXITCODE, IntegrationTest, main  # noqa: E402

IN_CHILD = """import subprocess
import sys

import pytest
import text


def grow():
    lines = text.Text()
    assert all(lines.add(f"line {i}") for i in range(1000))


@pytest.fixture
def grown():
    grow()


def test_in_a_child():
    subprocess.run([sys.executable, "-c", "import test_more; test_more.grow()"])


def test_in_a_fixture(grown):
    pass


def test_that_fails_anyway():
    lines = text.Text()
    for i in range(2000):
        lines.add(f"other line {i}")
    assert False, "by itself"


def test_of_nothing():
    pass
"""


class Pytest(IntegrationTest):
    project = "pytest"

    def cases(self):
        """What pytest's JUnit file says: the cases by name."""
        root = xml.etree.ElementTree.parse(self.path("pytest.xml")).getroot()
        return {case.get("name"): case for case in root.iter("testcase")}

    def pytest(self, *words, status):
        self.run_in("make", "-s", "text.so")
        return self.run_in("make", "-s", "check-guard", status=status,
                           PYTEST_ADDOPTS=" ".join(["--junit-xml=pytest.xml", "-p", "no:cacheprovider", *words]))

    def assert_names_misuse_of_python(self, text):
        self.assert_names_misuse(text)
        self.assertRegex(text, r"#\d+ add  \S*text_module\.c:\d+\n")

    def test_fails_the_test_that_misused_a_pointer(self):
        self.take()
        self.run_in("make", "-s", "check")
        output = self.pytest(status=2)
        self.assertIn("1 failed, 1 passed", output)
        self.assertIn(f"Error {EXITCODE}", output)
        cases = self.cases()
        self.assertEqual(len(cases["test_leaves_out_what_is_the_same"]), 0)
        self.assert_names_misuse_of_python(cases["test_grows_past_its_room"].findtext("failure"))

    def test_passes_without_a_word_where_none_did(self):
        self.take(cured=True)
        output = self.pytest(status=0)
        self.assertIn("2 passed", output)
        self.assert_silent(output)
        self.assertEqual([name for name in os.listdir(self.folder) if name.endswith(".log")], [])

    def test_tells_it_of_children_fixtures_and_tests_that_failed_before(self):
        self.take()
        self.write("test_more.py", IN_CHILD)
        output = self.pytest("test_more.py", status=2)
        cases = self.cases()
        self.assert_names_misuse_of_python(cases["test_in_a_child"].findtext("failure"))
        self.assert_names_misuse_of_python(cases["test_in_a_fixture"].findtext("error"))
        self.assertIn("by itself", cases["test_that_fails_anyway"].find("failure").get("message"))
        self.assertRegex(output, r"-+ realloc_guard -+\n(.*\n)+.* stale read: ")
        self.assertEqual(len(cases["test_of_nothing"]), 0)

    def test_runs_in_parallel(self):
        self.take()
        self.pytest("-n2", status=2)
        self.assert_names_misuse_of_python(self.cases()["test_grows_past_its_room"].findtext("failure"))
        self.assertEqual(len(self.cases()["test_leaves_out_what_is_the_same"]), 0)


if __name__ == "__main__":
    main()
