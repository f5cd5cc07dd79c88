#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks what the options about reporting change, on one program with three misuses."""

import argparse
import glob
import os
import re
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import guarded  # noqa: E402
from case import read_case  # noqa: E402
from report import SUMMARY, own_frame, own_offsets, parse  # noqa: E402

ABORTED = -6


class Checker:
    def __init__(self, args):
        self.args = args
        self.count = len(read_case(args.source).reports)
        self.errors = []
        self.runs = []

    def run(self, options, env=None):
        guard = guarded.Guard(os.path.abspath(self.args.guard), os.path.abspath(self.args.witness),
                              options)
        result = guarded.run([os.path.abspath(self.args.exe)], guard, env=env)
        self.errors += guarded.loading_errors(result, self.args.exe)
        self.runs.append((options, result))
        return result

    def require(self, holds, claim):
        if not holds:
            self.errors.append(f"{self.runs[-1][0]}: {claim}")

    def reports(self, text, count):
        self.require(len(parse(text)) == count, f"must give {count} reports")

    def halt(self):
        result = self.run("halt_on_error=1")
        self.require(result.status == ABORTED, "must abort")
        self.reports(result.stderr.decode(), 1)

    def exit_status(self):
        for status in (0, 5):
            result = self.run(f"exitcode={status}")
            self.require(result.status == status, f"must end with status {status}")
            self.reports(result.stderr.decode(), self.count)

    def summary(self):
        result = self.run("print_summary=0")
        self.require(not SUMMARY.search(result.stderr.decode()), "must print no summary")
        self.reports(result.stderr.decode(), self.count)

    def symbols(self):
        result = self.run("symbolize=0")
        reports = parse(result.stderr.decode())
        self.reports(result.stderr.decode(), self.count)
        for report in reports:
            frames = report.frames.get("access", [])
            self.require(not own_frame(frames, self.args.source), "must name no source line")
            self.require(own_offsets(frames, self.args.exe), "must name offsets in the program")

    def colour(self):
        result = self.run("color=always")
        self.require(b"\x1b[" in result.stderr, "must colour")
        plain = re.sub(rb"\x1b\[[0-9;]*m", b"", result.stderr)
        self.reports(plain.decode(), self.count)
        for options in ("color=auto", "color=never"):
            self.require(b"\x1b[" not in self.run(options).stderr, "must not colour a pipe")

    def log_path(self):
        with tempfile.TemporaryDirectory(prefix="rg-log-") as folder:
            self.log_file(f"log_path={folder}/plain", f"{folder}/plain.[0-9]*")
            self.log_file(f"log_path={folder}/p%p.log", f"{folder}/p[0-9]*.log")
            self.log_file(f"log_path={folder}/%q{{JOB}}.%p", f"{folder}/nightly.[0-9]*")
        self.special_files()
        self.full_log()
        self.bad_log_paths()
        result = self.run("log_path=stdout")
        self.require(not result.stderr, "must leave standard error alone")
        self.reports(result.stdout.decode(), self.count)

    def log_file(self, options, pattern):
        result = self.run(options, {"JOB": "nightly"})
        self.require(not result.stderr, "must leave standard error alone")
        files = glob.glob(pattern)
        self.require(len(files) == 1, f"must write one file {pattern}")
        for path in files:
            with open(path, encoding="utf-8") as log:
                self.reports(log.read(), self.count)


    def special_files(self):
        """A device takes the reports as it is; a pipe too, while somebody reads it."""
        result = self.run("log_path=/dev/null")
        self.require(not result.stderr, "must leave standard error alone")
        self.require(not glob.glob("/dev/null.*"), "must make no file beside /dev/null")
        with tempfile.TemporaryDirectory(prefix="rg-log-") as folder:
            pipe = f"{folder}/pipe"
            os.mkfifo(pipe)
            result = self.run(f"log_path={pipe}")
            self.require(b"No such device or address" in result.stderr, "must say why not there")
            self.reports(result.stderr.decode(), self.count)
            reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
            result = self.run(f"log_path={pipe}")
            self.require(not result.stderr, "must leave standard error alone")
            self.reports(os.read(reader, 1 << 20).decode(), self.count)
            os.close(reader)
            self.require(os.listdir(folder) == ["pipe"], "must make no file beside the pipe")

    def full_log(self):
        """What a log does not take, be it of the first report or of a later one, is on standard error."""
        result = self.run("log_path=/dev/full")
        complaint = b'cannot write to log_path "/dev/full" (No space left on device)'
        self.require(result.stderr.startswith(b"realloc_guard: " + complaint), "must say why")
        self.require(result.stderr.count(b"cannot write") == 1, "must say it once")
        self.reports(result.stderr.decode(), self.count)
        self.require(SUMMARY.search(result.stderr.decode()), "must print the summary")
        with tempfile.TemporaryDirectory(prefix="rg-log-") as folder:
            # The file may become as long as one report, and half of another.
            self.run(f"log_path={folder}/whole")
            (path,) = glob.glob(f"{folder}/whole.*")
            with open(path, encoding="utf-8") as log:
                whole = log.read()
            size = len(whole) // (self.count + 1) * 3 // 2
            command = ["prlimit", f"--fsize={size}", os.path.abspath(self.args.exe)]
            guard = guarded.Guard(os.path.abspath(self.args.guard),
                                  os.path.abspath(self.args.witness), f"log_path={folder}/cut")
            result = guarded.run(command, guard)
            self.runs.append((f"log_path cut at {size}", result))
            (path,) = glob.glob(f"{folder}/cut.*")
            with open(path, encoding="utf-8") as log:
                self.require(len(log.read()) == size, "must write as far as the file may grow")
            text = result.stderr.decode()
            self.require("/cut" in text.partition("\n")[0], "must name the file")
            self.require("(File too large)" in text.partition("\n")[0], "must say why")
            self.reports(text, self.count - 1)
            self.require(SUMMARY.search(text), "must print the summary")

    def bad_log_paths(self):
        with tempfile.TemporaryDirectory(prefix="rg-log-") as folder:
            for name, complaint in (("none/log", "(No such file or directory)"),
                                    ("%d", "%d stands for nothing"), ("%", "% stands for nothing"),
                                    ("%q{HOME", "no } closes %q{HOME"),
                                    ("%q{NONE}", "NONE is not set")):
                result = self.run(f"log_path={folder}/{name}")
                text = result.stderr.decode()
                self.require(complaint in text.partition("\n")[0], f"must complain: {complaint}")
                self.require(text.count(complaint) == 1, "must complain once")

    def symbolizer(self):
        result = self.run("external_symbolizer_path=/no/such/helper")
        self.reports(result.stderr.decode(), self.count)
        self.require(b"could not be executed (/no/such/helper: No such file or directory)"
                     in result.stderr, "must name the helper")

    def silent_helper(self):
        """One that does not answer is waited for once, and not started again."""
        with tempfile.TemporaryDirectory(prefix="rg-helper-") as folder:
            helper, starts = f"{folder}/helper", f"{folder}/starts"
            with open(helper, "w", encoding="utf-8") as script:
                script.write(f"#!/bin/sh\necho started >> {starts}\ncat > /dev/null\n")
            os.chmod(helper, 0o755)
            result = self.run(f"external_symbolizer_path={helper}")
            self.reports(result.stderr.decode(), self.count)
            self.require(b"did not answer" in result.stderr, "must say that there was no answer")
            with open(starts, encoding="utf-8") as lines:
                self.require(lines.read() == "started\n", "must start it once")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--guard", "--witness", "--source", "--exe"):
        parser.add_argument(name, required=True)
    checker = Checker(parser.parse_args())
    for check in (checker.halt, checker.exit_status, checker.summary, checker.symbols,
                  checker.colour, checker.log_path, checker.symbolizer,
                  checker.silent_helper):
        check()
    guarded.finish(checker.errors, checker.runs)


if __name__ == "__main__":
    main()
