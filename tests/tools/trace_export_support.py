# SPDX-License-Identifier: MIT
"""What the tests of `realloc-guard trace export` share: traces of real programs, and what they add up to."""

import os
import subprocess

from support import Settings, clean_env, tool
from trace_made_up import Made
from trace_support import TraceTest

THREADS = r"""
#include <pthread.h>
#include <stdlib.h>
static void *work(void *arg) {
    void *kept[100];
    for (int i = 0; i < 3000; i++) {
        void *p = malloc(1000 + (size_t)i);
        kept[i % 100] = p = realloc(p, 5000 + (size_t)i);
        if (i % 100 == 99) {
            for (int j = 0; j < 100; j++) {
                free(kept[j]);
            }
        }
    }
    return malloc(123);
}
int main(void) {
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) {
        pthread_create(&threads[i], NULL, work, NULL);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
    }
    return 0;
}
"""
SQL = ("create table t(a, b); with recursive c(x) as (select 1 union all select x + 1 from c where x < 3000) "
       "insert into t select x, hex(randomblob(20)) from c; create index i on t(b); select count(*) from t;")
CODE = "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\nint main(void) { return puts(\"x\") < 0; }\n"


def made_up():
    """A trace of what programs rarely do."""
    made = Made()
    made.module(1, "/bin/made-up", b"\x12\xab", bias=0x500000, start=0x500000, end=0x600000)
    made.stack(1, [(1, 0x100), (1, 0x200)])
    made.stack(2, [(1, 0x300), (0, 0xdead), (1, 0x200)])
    made.thread(0, "first")
    made.thread(3, "fourth")
    made.alloc(1000, 0x1000, 10)
    made.alloc(2000, 0x2000, 10)
    made.free(3000, 0x1000)  # not what the call before has given
    made.free(4000, 0x9990)  # unknown
    made.realloc(5000, 0x8880, 0x3000, 5, 500)  # of an unknown block
    made.realloc(6000, 0x3000, 0x4000, 500, 900, stack=2, forced=True)
    made.event(6, 7000, old=0x4000, size=2**40, how=2, stack=2)
    made.alloc(8000, 0x5000, 0, stack=99)  # no such stack
    made.alloc(9000, 0x6000, 77, stack=0, thread=3)
    made.free(10000, 0x6000, thread=3, stack=0)
    made.end(20000)
    return made


class ExportTest(TraceTest):
    def real_traces(self):
        """Names and traces of programs that were not made for this."""
        cc1 = subprocess.run(["gcc", "-print-prog-name=cc1"], stdout=subprocess.PIPE, check=True, encoding="utf-8").stdout
        yield "sqlite3", self.record("sqlite3", ":memory:", SQL, name="sqlite3")
        yield "python3", self.record("/usr/bin/python3", "-c", "import json; json.dumps(list(range(9999)))",
                                     name="python3")
        yield "cc1", self.record(cc1.strip(), "-quiet", "-imultiarch", "x86_64-linux-gnu", "-O1",
                                 self.write("code.c", CODE), "-o", "code.s", name="cc1")
        yield "threads", self.record(self.build("several", THREADS, "-g", "-O1", "-pthread"), name="threads")

    def export(self, to, trace, *words, out="out.gz", status=0):
        """The path of the export."""
        done = tool("trace", "export", "--to=" + to, *words, "-o", self.path(out), trace)
        self.assertEqual(done.returncode, status, done.stderr)
        if status == 0:
            self.assertEqual((done.stdout, done.stderr), ("", ""))
        return self.path(out)

    def reader(self, *command):
        """What a reader of an export prints, which must not complain."""
        done = subprocess.run(command, env=clean_env(HOME=self.folder), cwd=self.folder, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, encoding="utf-8", timeout=250, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""), command)
        return done.stdout

    def most_memory(self, *words):
        """Of realloc-guard, in KiB."""
        pid = os.posix_spawn(Settings.exe, [Settings.exe, *words], clean_env())
        _, status, usage = os.wait4(pid, 0)
        self.assertEqual(status, 0)
        return usage.ru_maxrss
