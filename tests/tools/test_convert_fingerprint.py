#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Fingerprints of realloc-guard convert: what changes them, and what does not."""

import os
import shutil
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from convert_support import ConvertTest, finding, frame  # noqa: E402
from support import main  # noqa: E402

FORGOTTEN = """#include <stdlib.h>
char *volatile kept;
volatile size_t grown = 4000;
__attribute__((noinline)) void append(void) { char *volatile larger = realloc(kept, grown); (void)larger; }
__attribute__((noinline)) void use(void) { *(volatile char *)kept = 1; }
__attribute__((noinline)) void other(void) { *(volatile char *)kept = 1; }
int main(int argc, char **argv) {
    kept = malloc(20);
    append();
    if (argc > 1) {
        other();
    } else {
        use();
    }
    return argv[0] == 0;
}
"""


class Fingerprint(ConvertTest):
    def fingerprints(self, *logs):
        return [found["fingerprint"] for found in self.merged(*logs)[0]["findings"]]

    def of(self, **more):
        found = self.fingerprints(self.log("log", finding(**more)))
        self.assertEqual(len(found), 1)
        return found[0]

    def of_stack(self, *frames, **more):
        return self.of(stack=list(frames), **more)

    def test_never_changes_without_a_new_version(self):
        block = {"address": "0x1", "size": 8, "state": "moved", "moves_before": 0,
                 "allocated": {"address": "0x1", "size": 8, "thread": 0, "place": "a.c:2", "stack": [frame("make")]},
                 "moved": {"to_address": "0x2", "place": "a.c:3", "stack": [frame("grow"), frame("main")]}}
        self.assertEqual(self.of(block=block), "v1:b46f93a05469c766")

    def test_survives_builds_edits_and_processes(self):
        logs = []
        for folder, source, flags in (
                ("one", FORGOTTEN, ["-g"]),
                ("two", "/* longer */\n\n\n" + FORGOTTEN.replace("kept = malloc", "int x = argc;\n\n(void)x;\nkept = malloc"),
                 ["-g", "-O1"]),
                ("three", FORGOTTEN, ["-rdynamic", "-no-pie"])):
            os.mkdir(self.path(folder))
            program = self.build(os.path.join(folder, "prog"), source, *flags)
            logs += [self.guarded(program), self.guarded(program)]
        merged, _ = self.merged(*logs)
        self.assertEqual([(f["finding"]["kind"], f["processes"]) for f in merged["findings"]], [("stale-write", 6)])

    def test_survives_being_moved_where_nothing_is_known(self):
        program = self.build("prog", FORGOTTEN)
        logs = [self.guarded(program)]
        os.mkdir(self.path("elsewhere"))
        shutil.copy(program, self.path("elsewhere"))
        logs.append(self.guarded(self.path("elsewhere/prog")))
        self.assertEqual(len(self.fingerprints(*logs)), 1)

    def test_differs_for_another_function(self):
        program = self.build("prog", FORGOTTEN, "-g")
        self.assertEqual(len(self.fingerprints(self.guarded(program), self.guarded(program, "other"))), 2)

    def test_leaves_out_lines_folders_and_addresses(self):
        one = self.of_stack(frame("use"), frame("main"))
        self.assertEqual(one, self.of_stack(
            frame("use", "/elsewhere/b.c", 99, pc="0x2", offset="0x3", module="/usr/bin/prog"), frame("main"),
            place="b.c:99", address="0x9000", message="something else"))

    def test_counts_functions_modules_and_kinds(self):
        ones = [self.of_stack(frame("use"), frame("main")),
                self.of_stack(frame("use2"), frame("main")),
                self.of_stack(frame("use"), frame("top")),
                self.of_stack(frame("use", module="/app/libx.so"), frame("main")),
                self.of_stack(frame("use")),
                self.of_stack(frame("main"), frame("use")),
                self.of_stack(frame("use"), frame("main"), kind="stale-read")]
        self.assertEqual(len(set(ones)), len(ones))

    def test_counts_where_the_block_is_from_and_where_it_ended(self):
        def block(**more):
            return {"address": "0x1", "size": 8, "state": "moved", "moves_before": 0, **more}
        ones = [self.of()]
        for key in ("allocated", "moved", "freed"):
            for function in ("one", "two"):
                ones.append(self.of(block=block(**{key: {"stack": [frame(function)]}})))
        # Both have ended it.
        self.assertEqual(ones.pop(), ones[4])
        self.assertEqual(ones.pop(), ones[3])
        self.assertEqual(len(set(ones)), len(ones))

    def test_leaves_out_system_libraries_and_recursion(self):
        one = self.of_stack(frame("use"), frame("main"))
        system = frame("memcpy", system=True, module="/lib/libc.so.6")
        self.assertEqual(one, self.of_stack(system, frame("use"), system, frame("main"), system))
        self.assertEqual(one, self.of_stack(*[frame("use")] * 5, system, frame("use"), frame("main")))

    def test_leaves_out_what_is_far_out(self):
        inner = [frame(f"f{i}") for i in range(8)]
        self.assertEqual(self.of_stack(*inner, frame("a")), self.of_stack(*inner, stack_cut=True))
        self.assertNotEqual(self.of_stack(*inner[:7], frame("a")), self.of_stack(*inner[:7]))

    def test_leaves_out_what_the_optimizer_appends(self):
        one = self.of_stack(frame("use"))
        for end in (".part.0", ".constprop.0.isra.1", ".cold", ".lto_priv.3", " [clone .part.0]"):
            self.assertEqual(one, self.of_stack(frame("use" + end)))
        self.assertNotEqual(one, self.of_stack(frame("use.1")))

    def test_takes_the_offset_where_no_function_is_known(self):
        def unknown(**more):
            return {"pc": "0x7f0010", "offset": "0x10", **more}
        module = {"module": "/app/prog"}
        one = self.of_stack(unknown(**module))
        self.assertEqual(one, self.of_stack(dict(unknown(module="/other/prog"), pc="0x55")))
        self.assertNotEqual(one, self.of_stack(dict(unknown(**module), offset="0x20")))
        # Code that was made at run time is at another address in each process.
        self.assertEqual(self.of_stack(unknown()), self.of_stack(dict(unknown(), offset="0x20")))


if __name__ == "__main__":
    main()
