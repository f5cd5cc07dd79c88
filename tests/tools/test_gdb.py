#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tools/realloc_guard_gdb.py: what gdb says of pointers, also where the program was stopped within the guard with a lock held."""

import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from support import Settings, ToolTest, clean_env, main  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
SCRIPT = os.path.join(HERE, "..", "..", "tools", "realloc_guard_gdb.py")
SOURCE = """#include <stdlib.h>
char *old, *now;
static char *grow(char *block, size_t size) {
    return realloc(block, size);
}
void stop(void) {}
int main(void) {
    old = malloc(32);
    now = grow(old, 64);
    now = grow(now, 9000);
    stop();
    free(now);
    for (int i = 0; i < 100; i++) {
        old = malloc(100 + i);
    }
    return 0;
}
"""
STOP = ("break stop", "run")


class Gdb(ToolTest):
    def setUp(self):
        super().setUp()
        if not shutil.which("gdb"):
            self.skipTest("gdb is not installed")
        self.program = self.path("debugged")
        subprocess.run(["gcc", "-g", "-O0", "-w", self.write("debugged.c", SOURCE), "-o", self.program], check=True, timeout=60)
        # Some versions of gdb cannot on processors that are newer than they are.
        if "$1 = 3\n" not in self.gdb("break main", "run", "print (int)abs(-3)", is_guarded=False):
            self.skipTest("gdb cannot call a function of any program here")

    def gdb(self, *commands, is_guarded=True):
        wrapper = [f"set exec-wrapper env LD_PRELOAD={Settings.library}"] if is_guarded else []
        commands = ("set confirm off", "set debuginfod enabled off", f"source {SCRIPT}", *wrapper, *commands)
        return subprocess.run(["gdb", "-batch", "-nx", *(word for text in commands for word in ("-ex", text)), self.program],
                              check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=100,
                              env=clean_env()).stdout

    def test_describes_a_pointer(self):
        said = self.gdb(*STOP, "realloc-guard describe old + 4", "continue")
        self.assertRegex(said, r"\n0x\w+ is at offset 4 of the block of 32 bytes at 0x\w+, which realloc has moved away")
        self.assertRegex(said, r"  moved by realloc from 32 to 64 bytes, .*\n    => #0 grow  \S+:4\n       #1 main  \S+:9\n")
        self.assertRegex(said, r"  today the block, moved 1 more time, is live at 0x\w+ \(9000 bytes\)\n")
        self.assertIn("exited normally", said)

    def test_tells_the_lineage_without_stacks(self):
        said = self.gdb(*STOP, "realloc-guard lineage now")
        self.assertIn("  moved here by realloc, from 0x", said)
        self.assertIn("      9000 bytes  moved at debugged.c:4\n", said)
        self.assertNotIn("#1 main", said.partition("is at offset 0")[2])

    def test_names_what_the_guard_cannot_where_a_lock_is_held(self):
        said = self.gdb(*STOP, "break rg_lock", "continue", "finish",
                        "realloc-guard describe 'debugged.c'::old", "delete", "continue")
        self.assertRegex(said, r"of the block of 32 bytes at 0x\w+, which realloc has moved away")
        self.assertRegex(said, r"  moved away by thread 0\n    => #0 grow  \S+:4\n       #1 main  \S+:9\n  today")
        self.assertNotIn("in the middle of its work", said)
        self.assertIn("exited normally", said)

    def test_knows_what_is_no_block(self):
        said = self.gdb(*STOP, "realloc-guard describe &old", "realloc-guard describe 0")
        self.assertRegex(said, r"\n0x\w+ is in no block that the guard has handed out\n0x0 is in no block ")

    def test_finds_lost_blocks(self):
        said = self.gdb(*STOP, "realloc-guard find-lost")
        self.assertIn("\n0 blocks lost since the last time\n", said)

    def test_says_what_is_wrong(self):
        core = self.path("core")
        said = self.gdb("realloc-guard describe 1", *STOP, "realloc-guard describe", "realloc-guard describe nonsense",
                        "realloc-guard find-lost 1", f"generate-core-file {core}")
        self.assertIn("realloc-guard: there is no process; run the program, or attach to it\n", said)
        self.assertIn("realloc-guard: describe takes a pointer; write realloc-guard describe EXPRESSION\n", said)
        self.assertIn('realloc-guard: No symbol "nonsense" in current context.\n', said)
        self.assertIn("realloc-guard: find-lost takes no arguments\n", said)
        self.assertIn("realloc-guard: a core file cannot be asked; run the program, or attach to it\n",
                      self.gdb(f"core-file {core}", "realloc-guard describe old"))
        self.assertIn("realloc-guard: the guard is not in this process",
                      self.gdb(*STOP, "realloc-guard describe old", is_guarded=False))


if __name__ == "__main__":
    main()
