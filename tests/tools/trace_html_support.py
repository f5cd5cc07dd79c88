# SPDX-License-Identifier: MIT
"""Traces that tests of the page of trace html are made of."""

from support import ToolTest, tool
from trace_made_up import Made


def growing(steps=100, is_ended=True):
    """One block that grows by 16 bytes a time, and moves each time."""
    made = Made()
    made.module(1, "/app/grow")
    made.stack(1, [(1, 0x30), (1, 0x1)])
    made.alloc(0, 0x10000, 16)
    for i in range(1, steps + 1):
        made.realloc(10 * i, 0x10000 * i, 0x10000 * (i + 1), 16 * i, 16 * (i + 1))
    if is_ended:
        made.end(10 * steps + 10)
    return made


def many_sites(count):
    """Each allocates a little more than the one before."""
    made = Made()
    made.module(1, "/app/many")
    for i in range(1, count + 1):
        made.stack(i, [(1, 0x10 * i), (1, 0x1)])
        made.alloc(i, 0x1000 * i, 100 + i, stack=i)
    made.end(count + 10)
    return made


class TraceHtmlTest(ToolTest):
    def html(self, trace, status=0):
        done = tool("trace", "html", trace)
        self.assertEqual((done.returncode, done.stderr), (status, ""))
        return done.stdout

    def several(self):
        """Two sites, of modules that are nowhere, below one main."""
        made = Made()
        for index, name in enumerate(("main", "big", "small"), 1):
            made.module(index, "/app/" + name)
        made.stack(1, [(2, 0x10), (1, 0x1)])
        made.stack(2, [(3, 0x20), (1, 0x1)])
        made.alloc(0, 0x1000, 1000)
        made.alloc(100, 0x2000, 16, stack=2)
        made.realloc(200, 0x2000, 0x3000, 16, 48, stack=2)
        made.alloc(300, 0x4000, 1000)
        made.free(400, 0x4000)  # at once: temporary
        made.free(400, 0x1000)
        made.alloc(500, 0x5000, 1000)
        made.end(1000)
        return made
