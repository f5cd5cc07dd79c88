# SPDX-License-Identifier: MIT
"""What the tests of realloc-guard convert share: logs, made by hand and by the guard, and what comes of them."""

import glob
import json
import os
import subprocess
import sys

from support import Settings, ToolTest, clean_env, tool

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "json"))

# Three processes, two of which have the same id: a stale write that was met three times, a double free, an overrun.
LOGS = sorted(glob.glob(os.path.join(HERE, "convert", "*.jsonl")))


def line(event, pid=100, **more):
    return json.dumps({"version": 1, "event": event, "pid": pid, **more}) + "\n"


def start(pid=100, time=1000.5, program="/app/prog"):
    return line("start", pid, ppid=1, time=time, program=program, arguments=["prog"], guard_version="0.1.0",
                options={})


def frame(function, file="/app/src/a.c", number=7, **more):
    return {"pc": "0x1000", "module": "/app/prog", "offset": "0x10", "function": function, "file": file, "line": number,
            **more}


def finding(pid=100, number=1, function="use", at=7, **more):
    return line("finding", pid, number=number, **{
        "kind": "stale-write", "title": "stale write",
        "message": f"a.c:{at} uses a pointer that realloc moved away from at a.c:3", "trouble": "stale",
        "operation": "write", "thread": {"number": 0}, "address": "0x7000", "place": f"a.c:{at}",
        "stack": [frame(function, number=at), frame("main", number=30)], "advice": "store the result.", **more})


def again(occurrences, pid=100, number=1):
    return line("again", pid, number=number, occurrences=occurrences)


def summary(misuses, occurrences, pid=100, **more):
    return line("summary", pid, misuses=misuses, occurrences=occurrences, moves=1, moves_that_fitted=0, left_in_place=0,
                sealed_by="guard", **more)


class ConvertTest(ToolTest):
    def log(self, name, *lines):
        return self.write(name, "".join(lines))

    def convert(self, form, *words, status=0, **keywords):
        result = tool("convert", "--to", form, *words, **keywords)
        self.assertEqual(result.returncode, status, result.stderr)
        return result

    def merged(self, *words, status=0, **keywords):
        """What --to json makes of the logs, and what was said to standard error."""
        result = self.convert("json", *words, status=status, **keywords)
        return json.loads(result.stdout), result.stderr

    def guarded(self, program, *words, **options):
        """Runs the program under the guard; returns the log."""
        log = self.path(f"guarded-{len(os.listdir(self.folder))}.log")
        options = ":".join(f"{key}={value}" for key, value in options.items())
        env = clean_env(LD_PRELOAD=Settings.library,
                        REALLOC_GUARD_OPTIONS=f"format=json:log_path={log}.%p:exitcode=0:{options}")
        subprocess.run([program, *words], env=env, check=True, stdout=subprocess.DEVNULL, timeout=120)
        logs = glob.glob(log + ".*")
        self.assertEqual(len(logs), 1)
        return logs[0]

    def made_up(self):
        """The lines of a log with each kind of misuse."""
        files = [self.path("made-up.json"), self.path("made-up.txt")]
        subprocess.run([Settings.made_up, *files], check=True, timeout=60)
        with open(files[0], encoding="utf-8") as lines:
            return lines.readlines()
