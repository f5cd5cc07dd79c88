#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""realloc-guard failures among programs and surroundings that are against it: nothing is left running, no file
is spoiled, and what cannot be done is said in one line."""

import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from failures_support import BAD, HEAD, REFUSED, FailuresTest, is_alive, ways  # noqa: E402
from support import Settings, clean_env, main, wait_for  # noqa: E402

# Leaves a process in a session of its own that ignores what it can, and notes its number.
DAEMON = HEAD + """int main(int argc, char **argv) {
    int ends[2];
    char told;
    if (pipe(ends) != 0) {
        return 1;
    }
    if (fork() == 0) {
        setsid();
        if (fork() == 0) {
            signal(SIGTERM, SIG_IGN);
            signal(SIGHUP, SIG_IGN);
            FILE *f = fopen(argv[1], "a");
            fprintf(f, "%d\\n", (int)getpid());
            fclose(f);
            if (write(ends[1], "x", 1) == 1) {
                for (;;) {
                    pause(); // until it is killed
                }
            }
        }
        _exit(0);
    }
    if (read(ends[0], &told, 1) != 1) {
        return 1;
    }
    free(realloc(NULL, 10));
    while (argc > 2) {
        pause(); // until it is killed
    }
    return 0;
}
"""

# A run with a failure waits for the file that the first argument names.
WAITS = HEAD + """int main(int argc, char **argv) {
    char *q = realloc(NULL, 10);
    if (!q) {
        fclose(fopen(argv[2], "w"));
        while (access(argv[1], F_OK) != 0) {
            usleep(1000);
        }
        fclose(fopen(argv[3], "w"));
    }
    return argc - 4;
}
"""


class Processes(FailuresTest):
    def pids(self):
        with open(self.path("pids"), encoding="utf-8") as file:
            return [int(line) for line in file]

    def start(self, *words, **keywords):
        process = subprocess.Popen([Settings.exe, "failures", *words], cwd=self.folder,
                                   env=clean_env(), encoding="utf-8", stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, **keywords)
        self.addCleanup(process.kill)
        return process

    def test_nothing_is_left_in_other_sessions(self):
        program = self.program("daemon", DAEMON)
        self.ended(self.failures("--first=0", program, self.path("pids")), 0)
        self.assertEqual(len(self.pids()), 3)
        self.assertFalse(any(is_alive(pid) for pid in self.pids()))

    def test_nothing_is_left_of_a_tool_that_is_stopped_or_killed(self):
        program = self.program("daemon", DAEMON)
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            process = self.start(program, self.path("pids"), "stay")
            wait_for(lambda: os.path.exists(self.path("pids")) and self.pids())
            process.send_signal(number)
            _, err = process.communicate(timeout=60)
            self.assertEqual(process.returncode, -number)
            if number != signal.SIGKILL:
                self.assertIn("nothing was known yet", err)
                self.assertFalse(any(is_alive(pid) for pid in self.pids()))
            # Of a tool that is killed the keeper learns a moment later.
            wait_for(lambda: not any(is_alive(pid) for pid in self.pids()))
            os.remove(self.path("pids"))
            if os.path.exists(self.path("realloc-guard-failures.tsv")):
                os.remove(self.path("realloc-guard-failures.tsv"))

    def test_a_signal_that_the_caller_ignores_is_ignored(self):
        program = self.program("waits", WAITS)
        process = self.start("--first=0", program, "go", "there", "over",
                             preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
        wait_for(lambda: os.path.exists(self.path("there")))
        process.send_signal(signal.SIGHUP)
        self.write("go", "")
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0, err)
        self.assertIn("1 of 1 runs: 1 survived", out)


class Streams(FailuresTest):
    def tool(self, tail, *words, env=None):
        """Runs it by a shell, which does to its streams what `tail` says."""
        return subprocess.run(["sh", "-c", '"$0" failures "$@" ' + tail, Settings.exe, *words],
                              cwd=self.folder, env=env or clean_env(), check=False, timeout=60,
                              encoding="utf-8", stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def test_a_table_that_cannot_be_written(self):
        program = self.program("ways", ways("survives"))
        for tail in (">&-", ">/dev/full"):
            result = self.tool(tail, "--first=0", "--restart", program)
            self.ended(result, REFUSED)
            self.assertRegex(result.stderr, "\nrealloc-guard: the table cannot be written: .*; "
                             "--resume writes it again\n$")
            self.assertIn("1 of 1 runs: 1 survived",
                          self.failures("--first=0", "--resume", program).stdout)
        result = self.tool(">/dev/full", "--list", program)
        self.ended(result, REFUSED)
        self.assertIn("see where standard output goes", result.stderr)

    def test_no_streams_at_all(self):
        program = self.program("ways", ways("survives"))
        self.ended(self.tool(">&- 2>&- <&-", "--first=0", program), REFUSED)
        self.assertIn("1 of 1 runs: 1 survived",
                      self.failures("--first=0", "--resume", program).stdout)

    def test_progress_that_nobody_reads(self):
        program = self.program("ways", ways("survives"))
        os.mkdir(self.path("tmp"))
        reader, writer = os.pipe()
        os.close(reader)
        process = subprocess.run([Settings.exe, "failures", program], cwd=self.folder,
                                 env=clean_env(TMPDIR=self.path("tmp")), check=False, timeout=60,
                                 stdout=subprocess.PIPE, stderr=writer, encoding="utf-8")
        os.close(writer)
        self.assertEqual(process.returncode, 0)
        self.assertIn("2 of 2 runs: 2 survived", process.stdout)
        self.assertEqual(os.listdir(self.path("tmp")), [])

    def test_input_that_cannot_be_read_again(self):
        program = self.program("ways", ways("survives"))
        os.mkfifo(self.path("fifo"))
        self.refused(self.failures("--stdin=fifo", program), "--stdin=fifo", "a pipe",
                     "ordinary file")
        self.refused(self.failures("--stdin=.", program), "a folder")
        self.ended(self.failures("--stdin=/dev/zero", program), 0)


class Places(FailuresTest):
    def test_odd_names_of_programs(self):
        program = self.program("ways", ways("survives", "refuses"))
        for name in ("a b", "a\tb", "a'b", 'a"b', "a\\b", "a:b", "a%pb", b"a\xffb"):
            other = os.path.join(os.fsencode(self.folder), os.fsencode(name))
            os.link(program, other)
            result = self.failures("--first=0", "--restart", other)
            self.ended(result, 0)
            self.assertEqual(self.outcome(result, "survives")[0], "survived")
            self.assertEqual(self.outcome(result, "refuses")[0], "refused")
        os.link(program, self.path("a\nb"))
        self.refused(self.failures(self.path("a\nb")), r"/a\012b'", "newline", "rename")

    def test_words_are_shown_as_a_shell_takes_them(self):
        program = self.program("ways", ways("survives"))
        word = b"a'\n\x1b[31m\xff\xc3\xa4\\"
        head = self.failures("--list", program, word).stdout.splitlines()[0]
        self.assertIn(r"$'a\'\012\033[31m\377ä\\'", head)
        shown = subprocess.run(["bash", "-c", "printf %s " + head.rpartition(" ")[2]], check=True,
                               stdout=subprocess.PIPE, timeout=60).stdout
        self.assertEqual(shown, word)

    def test_folders_that_do_not_serve(self):
        program = self.program("ways", ways("survives"))
        odd = self.path("t'\"x")
        os.mkdir(odd)
        self.refused(self.failures(program, env=clean_env(TMPDIR=odd)), "both ' and \"", "TMPDIR")
        self.assertEqual(os.listdir(odd), [])
        os.mkdir(self.path("kept"))
        self.write("kept/first", "")
        self.refused(self.failures("--keep=kept", program), self.path("kept"), "Not a directory")

    def test_files_that_must_not_grow(self):
        # With 8 blocks the output and the log of a run fit, and the state, which holds longer words, does not. With 4
        # a log may be cut, which would look like a run in which nothing failed.
        program = self.program("ways", ways("survives"))
        words = ["--first=0", program, "x" * 5000]
        for blocks, what in ((8, "state file"), (4, "/first")):
            result = subprocess.run(["sh", "-c", f'ulimit -f {blocks}; "$0" failures "$@"',
                                     Settings.exe, *words], cwd=self.folder, env=clean_env(),
                                    check=False, timeout=60, encoding="utf-8",
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            self.assertEqual(result.returncode, REFUSED, result.stderr)
            self.assertRegex(result.stderr, f"{what}.*: File too large; make room")
            self.assertFalse(os.path.exists(self.path("realloc-guard-failures.tsv")))


class Told(FailuresTest):
    def test_what_the_first_run_says_where_it_fails(self):
        program = self.program("says", HEAD + "int main(void) { fprintf(stderr, \"says: no tty\\n\");"
                               " free(realloc(NULL, 9)); return 2; }\n")
        result = self.failures("--first=0", program)
        self.ended(result, 0)
        self.assertIn('\nit said: "says: no tty"\n', result.stdout)

    def test_a_program_whose_own_calls_are_not_counted(self):
        program = self.program("dies", HEAD + """int main(void) {
    int status;
    if (fork() == 0) {
        free(realloc(NULL, 9));
        exit(0);
    }
    wait(&status);
    char *const none[] = {NULL}, *const words[] = {"true", NULL};
    execve("/bin/true", words, none);
    return 1;
}
""")
        result = self.failures("--first=0", program)
        self.ended(result, 0)
        self.assertIn("\nthe program itself left no counts", result.stdout)


class Damage(FailuresTest):
    def setUp(self):
        super().setUp()
        self.ways = self.program("ways", ways("survives", "crashes"))
        self.state = self.path("realloc-guard-failures.tsv")

    def test_a_damaged_state_is_refused_or_mended(self):
        whole = self.failures("--first=0", self.ways)
        self.ended(whole, BAD)
        with open(self.state, "rb") as file:
            lines = file.read().splitlines(keepends=True)
        self.assertEqual([line[:4] for line in lines[-2:]], [b"case"] * 2)
        rows = sorted(self.rows(whole))
        for i, line in enumerate(lines[1:], 1):
            bad = bytearray(line)
            bad[len(bad) // 2] ^= 1
            for damaged in (bytes(bad), b"", line[:-1]):
                text = b"".join(lines[:i] + [damaged] + lines[i + 1:])
                with open(self.state, "wb") as file:
                    file.write(text)
                result = self.failures("--first=0", "--resume", self.ways)
                if line.startswith(b"case"):
                    self.assertEqual(sorted(self.rows(result)), rows)
                elif not (line.startswith(b"ready") and damaged == b""):
                    self.refused(result, " is damaged; --restart")
                    with open(self.state, "rb") as file:
                        self.assertEqual(file.read(), text)

    def test_a_new_beginning_that_fails_leaves_what_there_was(self):
        self.ended(self.failures("--first=0", self.ways), BAD)
        with open(self.state, "rb") as file:
            before = file.read()
        dies = self.program("dies", HEAD + "int main(void) { return raise(SIGTERM); }\n")
        self.refused(self.failures("--restart", dies), "SIGTERM")
        with open(self.state, "rb") as file:
            self.assertEqual(file.read(), before)


if __name__ == "__main__":
    main()
