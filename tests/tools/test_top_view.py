#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""realloc-guard top in a terminal: what is on the screen, what keys do, and that the terminal is given back."""

import os
import re
import signal
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from support import Settings, ToolTest, clean_env, main  # noqa: E402
from top_terminal import Terminal  # noqa: E402

# Waits between its steps until a file appears; what it does is seen on the screen.
STEPS = """#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
static void *kept[1000];
static char *text;
__attribute__((noinline)) void keep_some(void) { for (int i = 0; i < 500; i++) kept[i] = malloc(1000); }
__attribute__((noinline)) void churn(void) { for (int i = 0; i < 300; i++) free(malloc(64)); }
__attribute__((noinline)) void grow(void) { for (int i = 1; i <= 40; i++) text = realloc(text, 4000 * (size_t)i); }
__attribute__((noinline)) void in_child(void) { kept[999] = malloc(77000); }
static void wait_for(const char *name) {
    char folder[4096];
    while (access(name, F_OK) != 0) {
        usleep(10000);
        if (!getcwd(folder, sizeof folder)) _exit(9); // the test is over
    }
}
static void interrupted(int number) { (void)number; write(2, "interrupted\\n", 12); }
int main(int argc, char **argv) {
    if (argc > 1 && !strcmp(argv[1], "catch")) {
        signal(SIGINT, interrupted);
    }
    keep_some();
    churn();
    grow();
    printf("\\033[31mfirst words\\033[0m\\n");
    fflush(stdout);
    if (argc > 1 && !strcmp(argv[1], "fork") && fork() == 0) {
        in_child();
        wait_for("end");
        _exit(0);
    }
    wait_for("more");
    keep_some();
    printf("last words");
    fflush(stdout);
    wait_for("end");
    if (argc > 1 && !strcmp(argv[1], "crash")) {
        raise(SIGSEGV);
    }
    while (wait(NULL) > 0) {
    }
    return 5;
}
"""

UP, DOWN, RIGHT, LEFT, END, ESCAPE = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D", "\x1b[4~", "\x1b"


class ViewTest(ToolTest):
    def setUp(self):
        super().setUp()
        os.mkdir(self.path("tmp"))

    def env(self):
        return clean_env(TMPDIR=self.path("tmp"), LC_ALL="C.UTF-8")

    def start(self, *words, options=(), env=None, **keywords):
        program = self.build("steps", STEPS, "-g", "-O1", "-fno-builtin")
        terminal = Terminal([Settings.exe, "top", "--interval=0.1", *options, "--", program, *words],
                            env or self.env(), cwd=self.folder, **keywords)
        self.addCleanup(terminal.close)
        # Whatever happens, the program ends.
        self.addCleanup(self.signal, "end")
        self.addCleanup(self.signal, "more")
        return terminal

    def signal(self, name):
        if os.path.isdir(self.folder):
            self.write(name, "")

    def gave_back(self, terminal, status):
        self.assertEqual(terminal.end(), status, terminal.text())
        self.assertTrue(terminal.is_echoing())
        # The cursor is shown again.
        self.assertGreater(terminal.raw.rfind(b"\x1b[?25h"), terminal.raw.rfind(b"\x1b[?25l"))
        self.assertEqual(os.listdir(self.path("tmp")), [])


def selected(terminal):
    """The row in reverse."""
    for y in range(terminal.screen.lines):
        if terminal.screen.buffer[y][0].reverse:
            return terminal.screen.display[y].rstrip()
    return ""


class Shows(ViewTest):
    def test_sites_totals_and_the_programs_output(self):
        terminal = self.start()
        text = terminal.see("keep_some  steps.c:", "churn  steps.c:", "grow  steps.c:", "160 kB", "first words")
        self.assertRegex(text, r"500 kB +\+500 kB .* keep_some")
        self.assertRegex(text, r"live 66\d kB in 50\d blocks   peak 66\d kB")
        self.assertRegex(text, r"steps +pid \d+ .* running")
        self.assertIn("█", text)
        # Colours of the program are not shown as text.
        self.assertNotIn("[31m", text)
        self.signal("more")
        terminal.see("1.00 MB", "last words")
        self.signal("end")
        terminal.see("ended with exit status 5")
        terminal.type("q")
        self.gave_back(terminal, 5)
        self.assertTrue(terminal.raw.rstrip().endswith(b"\x1b[31mfirst words\x1b[0m\r\nlast words"),
                        terminal.raw[-300:])

    def test_in_any_size(self):
        terminal = self.start()
        terminal.see("keep_some  steps.c:", "temporary")
        for columns, rows in ((60, 20), (40, 10), (20, 5), (5, 2), (1, 1), (200, 60), (80, 24)):
            terminal.resize(columns, rows)
            if columns >= 40:
                terminal.see("keep_some  steps.c:", "live")
            else:
                terminal.read(0.3)
        text = terminal.see("keep_some  steps.c:", "q quit", "first words")
        self.assertEqual(terminal.screen.display[-1].split()[:2], ["q", "quit"], text)

    def test_without_colour_if_told_so(self):
        for more, has_colour in (({}, True), ({"NO_COLOR": "1"}, False)):
            terminal = self.start(env={**self.env(), **more})
            terminal.see("keep_some  steps.c:")
            colours = {cell.fg for line in terminal.screen.buffer.values() for cell in line.values()}
            self.assertEqual(colours != {"default"}, has_colour, colours)
        terminal = self.start(term="vt100")
        terminal.see("keep_some  steps.c:")

    def test_plain_characters_where_the_locale_knows_no_others(self):
        terminal = self.start(env={**self.env(), "LC_ALL": "C"})
        self.assertTrue(terminal.see("keep_some  steps.c:", "###").isascii())

    def test_on_the_alternate_screen(self):
        terminal = self.start(term="xterm-256color")
        terminal.wait(lambda text: b"keep_some" in terminal.raw, "the site")
        self.assertIn(b"\x1b[?1049h", terminal.raw)
        self.signal("more")
        self.signal("end")
        terminal.wait(lambda text: b"ended with" in terminal.raw, "the end")
        terminal.type("q")
        self.gave_back(terminal, 5)
        self.assertGreater(terminal.raw.rfind(b"last words"), terminal.raw.rfind(b"\x1b[?1049l"))


class Keys(ViewTest):
    def test_select_unfold_and_fold(self):
        terminal = self.start()
        terminal.see("keep_some  steps.c:", "churn  steps.c:", "160 kB")
        terminal.wait(lambda text: "keep_some" in selected(terminal), "the first is selected")
        terminal.type(DOWN)
        terminal.wait(lambda text: "grow" in selected(terminal), "the second is selected")
        terminal.type("\r")
        text = terminal.see("by:", "main steps.c:")
        self.assertRegex(text, r"160 kB in 1 block, of 40 allocations, by:\n +grow steps\.c:\d+\n +main steps\.c:\d+")
        terminal.type(LEFT)
        terminal.see_no("by:")
        terminal.type(RIGHT)
        terminal.see("by:")
        terminal.type("\r")
        terminal.see_no("by:")
        terminal.type(UP)
        terminal.wait(lambda text: "keep_some" in selected(terminal), "the first is selected")
        terminal.type(END)
        terminal.wait(lambda text: "churn" in selected(terminal), "the last is selected")

    def test_sort(self):
        terminal = self.start()
        terminal.see("[live]", "churn  steps.c:")
        for column in ("in 10 s", "allocs/s", "reallocs/s", "moved", "temporary"):
            terminal.type("s")
            terminal.see(f"[{column}]")
        # The rows below that title may be read a moment later.
        terminal.wait(lambda text: re.search(r"site\n.* churn ", text), "the most temporary blocks come first")
        terminal.type("s")
        terminal.see("[live]")
        terminal.type("S")
        terminal.see("[temporary]")

    def test_filter(self):
        terminal = self.start()
        terminal.see("keep_some  steps.c:", "churn  steps.c:")
        terminal.type("/")
        terminal.see("enter: keep")
        terminal.type("Chuq\x7f")
        terminal.see("/Chu_")
        terminal.see_no("keep_some")
        terminal.type("\r")
        terminal.see('only "Chu"', "churn  steps.c:")
        terminal.type("/zebra")
        terminal.see("no site contains")
        terminal.type(ESCAPE)
        terminal.see("keep_some  steps.c:", "q quit")

    def test_pause_and_help(self):
        terminal = self.start()
        terminal.see("keep_some  steps.c:", "500 kB")
        terminal.type(" ")
        terminal.see("PAUSED")
        self.signal("more")
        # The program goes on, and what it writes is shown.
        terminal.see("last words", "500 kB")
        terminal.type(" ")
        terminal.see("1.00 MB")
        self.assertNotIn("PAUSED", terminal.text())
        for key in ("h", "?"):
            terminal.type(key)
            terminal.see("sort by the next column", "any key: back")
            terminal.type("x")
            terminal.see("keep_some  steps.c:")

    def test_show_another_process(self):
        terminal = self.start("fork")
        terminal.see("p one of 2 programs", "keep_some")
        terminal.type("p")
        text = terminal.see("command", "enter: show this one")
        self.assertEqual(len(re.findall(r"^ +\d+  running +", text, re.MULTILINE)), 2, text)
        terminal.type(DOWN + "\r")
        text = terminal.see("in_child  steps.c:", "77.0 kB")
        self.assertNotIn("keep_some", text)
        terminal.type("p" + UP + "\r")
        terminal.see("keep_some  steps.c:")

    def test_ctrl_c_is_for_the_program(self):
        terminal = self.start("catch")
        terminal.see("keep_some  steps.c:")
        terminal.type("\x03")
        terminal.see("interrupted", "running")
        self.signal("more")
        self.signal("end")
        terminal.see("ended with exit status 5")
        terminal.type("\x03")
        self.gave_back(terminal, 5)


class Leaves(ViewTest):
    def test_and_ends_the_program_or_lets_it_go_on(self):
        terminal = self.start()
        terminal.see("keep_some  steps.c:")
        terminal.type("q")
        terminal.see("The program still runs")
        terminal.type(ESCAPE)
        terminal.see("q quit")
        terminal.type("qe")
        self.gave_back(terminal, -signal.SIGTERM)

        terminal = self.start()
        terminal.see("keep_some  steps.c:")
        terminal.type("qg")
        # Now what it writes comes at once, and the terminal is as it was.
        terminal.wait(lambda text: terminal.raw.rstrip().endswith(b"first words\x1b[0m"), "its output")
        self.assertTrue(terminal.is_echoing())
        self.signal("more")
        terminal.see("last words")
        self.signal("end")
        self.gave_back(terminal, 5)

    def test_a_program_that_allocates_nothing(self):
        program = self.build("nothing", "int main(void) { return 4; }\n")
        terminal = Terminal([Settings.exe, "top", "--", program], self.env())
        self.addCleanup(terminal.close)
        terminal.see("has ended, and has allocated nothing")
        terminal.type("q")
        self.gave_back(terminal, 4)

    def test_much_output_can_be_cut_short(self):
        terminal = Terminal([Settings.exe, "top", "--", "/bin/sh", "-c", "yes | head -c 20000000; exec sleep 1000"],
                            self.env())
        self.addCleanup(terminal.close)
        terminal.see("running", "y\ny\ny")
        terminal.type("qe")
        terminal.wait(lambda text: b"\r\ny\r\ny\r\ny\r\ny" in terminal.raw, "output")
        terminal.type("\x03")
        self.gave_back(terminal, -signal.SIGTERM)
        self.assertIn(b"is not complete", terminal.raw[-300:])

    def test_by_a_signal(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            terminal = self.start()
            terminal.see("keep_some  steps.c:")
            os.kill(terminal.pid, number)
            self.gave_back(terminal, -number)

    def test_after_the_program_has_crashed(self):
        terminal = self.start("crash")
        terminal.see("keep_some  steps.c:")
        self.signal("more")
        self.signal("end")
        terminal.see("killed by SIGSEGV")
        terminal.type("q")
        self.gave_back(terminal, -signal.SIGSEGV)

    def test_a_process_it_only_looks_at_as_it_is(self):
        program = self.start("fork", options=["--keep=kept"])
        pid = re.search(r"pid (\d+)", program.see("p one of 2 programs"))[1]
        terminal = Terminal([Settings.exe, "top", "--interval=0.1", "-p", pid], self.env())
        self.addCleanup(terminal.close)
        terminal.see(f"pid {pid}", "keep_some  steps.c:")
        terminal.type("q")
        self.assertEqual(terminal.end(), 0)
        os.kill(int(pid), 0)
        self.assertIn("running", program.text())

    def test_a_terminal_that_is_not_known(self):
        terminal = self.start(term="no-such-terminal")
        self.assertEqual(terminal.end(), 125)
        self.assertIn(b"TERM=no-such-terminal", terminal.raw)
        self.assertTrue(terminal.is_echoing())


if __name__ == "__main__":
    main()
