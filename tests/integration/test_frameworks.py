#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""docs/integration/frameworks.md: GoogleTest, and Check, which runs each test in a child."""

import os
import sys
import xml.etree.ElementTree

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from integration_support import EXITCODE, IntegrationTest, main  # noqa: E402

CHECK = "{http://check.sourceforge.net/ns}"


class Check(IntegrationTest):
    project = "check"

    def results(self):
        tests = xml.etree.ElementTree.parse(self.path("check.xml")).getroot().iter(CHECK + "test")
        return {test.findtext(CHECK + "id"): (test.get("result"), test.findtext(CHECK + "message")) for test in tests}

    def test_the_child_that_misused_a_pointer_is_a_test_that_failed(self):
        self.take()
        self.run_in("make", "check")
        output = self.run_in("make", "check-guard", status=2)
        self.assert_names_misuse(output)
        self.assertEqual(self.results(), {"leaves_out_what_is_the_same": ("success", "Passed"),
                                          "grows_past_its_room": ("error", f"Early exit with return value {EXITCODE}")})

    def test_without_children_the_run_fails(self):
        self.take()
        output = self.run_in("make", "check-guard", status=2, CK_FORK="no")
        self.assert_names_misuse(output)
        self.assertIn("100%: Checks: 2, Failures: 0, Errors: 0", output)
        self.assertIn(f"Error {EXITCODE}", output)

    def test_passes_without_a_word_where_none_did(self):
        self.take(cured=True)
        for fork in ("yes", "no"):
            output = self.run_in("make", "check-guard", CK_FORK=fork)
            self.assert_silent(output)
            self.assertEqual({result for result, _ in self.results().values()}, {"success"})


class GoogleTest(IntegrationTest):
    project = "gtest"

    def set_up(self, **keywords):
        self.take(**keywords)
        self.run_in("cmake", "-S", ".", "-B", "build", "-DCMAKE_BUILD_TYPE=RelWithDebInfo")
        self.run_in("cmake", "--build", "build")

    def test_each_test_is_one_of_ctest(self):
        self.set_up()
        self.run_in("ctest", folder="build")
        output = self.run_in("ctest", "-T", "memcheck", folder="build", status=16)
        self.assertRegex(output, r"Text\.LeavesOutWhatIsTheSame \.+ +Passed")
        self.assertRegex(output, r"Text\.GrowsPastItsRoom \.+ +Defects: 1\n")

    def test_the_run_fails(self):
        self.set_up()
        self.run_in("build/test_text")
        self.assert_names_misuse(self.run_in("realloc-guard", "--", "build/test_text", status=EXITCODE))

    def test_passes_without_a_word_where_none_did(self):
        self.set_up(cured=True)
        output = self.run_in("ctest", "-T", "memcheck", folder="build")
        self.assertNotIn("Defects:", output)
        self.assert_silent(self.run_in("realloc-guard", "--", "build/test_text"))


if __name__ == "__main__":
    main()
