# SPDX-License-Identifier: MIT
"""Reads the text of reports into facts, and hides from it what differs between machines."""

import os
import re
from dataclasses import dataclass, field

# The words a report's first line begins with, for each kind that a test program can name.
KINDS = (
    ("stale write", r"stale write\b"),
    ("stale read", r"stale read\b"),
    ("stale free", r"stale free\b"),
    ("stale realloc", r"stale realloc\b"),
    ("stale malloc_usable_size", r"stale malloc_usable_size\b"),
    ("double free", r"double free\b"),
    ("double delete", r"double delete:"),
    ("stale delete", r"stale delete:"),
    ("mismatched free", r"mismatched free:"),
    ("mismatched realloc", r"mismatched realloc:"),
    ("mismatched delete", r"mismatched delete:"),
    ("mismatched delete[]", r"mismatched delete\[\]:"),
    ("concurrent", r"concurrent (free|realloc):"),
    ("lost block", r"lost block:"),
    ("crash after a failed realloc", r"crash after a failed realloc:"),
    ("realloc to nothing", r"realloc to nothing:"),
    ("impossible realloc", r"impossible realloc:"),
    ("read past the end", r"read past the end:"),
    ("write past the end", r"write past the end:"),
    ("overrun", r"overrun:"),
    ("delete of another size", r"delete of another size:"),
    ("realloc of an aligned block", r"realloc of an aligned block:"),
    ("read after free", r"read after free\b"),
    ("write after free", r"write after free\b"),
    ("free middle", r"(invalid free|free of .*not the start)"),
    ("free unknown", r"(wild free|free of .*never)"),
)
SECTIONS = (
    ("moved_again", re.compile(r"\s+.*\bmoved again\b")),
    ("moved", re.compile(r"\s+((moved|freed|made smaller) by|in) realloc\b")),
    ("failed", re.compile(r"\s+failed: this realloc\b")),
    ("freed", re.compile(r"\s+(today .*\bgone: )?freed\b")),
    ("allocated", re.compile(r"\s+allocated\b")),
)
HEAD = re.compile(r"==\d+== (?!realloc_guard)(.*)")
ASKED = re.compile(r"==\d+== realloc_guard: realloc to \d+ bytes at .* fails, as fail_realloc asks\n")
SUMMARY = re.compile(r"==\d+== realloc_guard: (\d+) misuses? reported")
FRAME = re.compile(r"\s+(=>)?\s*#\d+ ")
SOURCE_LINE = re.compile(r"([^\s()]+\.(?:c|cpp|h)):(\d+)")
MODULE_OFFSET = re.compile(r"\(?([^\s()]+)\+0x([0-9a-f]+)\)")
# What lies outside the test program: its names, offsets and number of frames are the machine's.
OUTSIDE = re.compile(r"\((?:\S*/)?(?:libc|libstdc\+\+|libpthread|ld-linux)[^ )]*\)|libc-start\.c"
                     r"|sysdeps/")


@dataclass
class Report:
    title: str
    kind: str
    lines: list = field(default_factory=list)
    frames: dict = field(default_factory=dict)  # section -> lines that are frames

    def now(self):
        text = "\n".join(self.lines)
        if re.search(r"\blive at 0x", text):
            return "live"
        return "freed" if "freed" in self.frames else "unknown"


def kind_of(title):
    for kind, pattern in KINDS:
        if re.match(pattern, title):
            return kind
    return title


def parse(text):
    """The reports in text, in order."""
    reports = []
    section = None
    for line in text.splitlines():
        head = HEAD.match(line)
        if head:
            reports.append(Report(head[1], kind_of(head[1])))
            section = "access"
            continue
        if line.startswith("==") or not reports:
            section = None
            continue
        report = reports[-1]
        report.lines.append(line)
        if FRAME.match(line):
            if section:
                report.frames.setdefault(section, []).append(line)
            continue
        for name, pattern in SECTIONS:
            if pattern.match(line):
                section = name
                break
    return reports


def own_frame(frames, source):
    """The first frame in the given source file, as (line number, frame), or None."""
    for frame in frames:
        for path, line in SOURCE_LINE.findall(frame):
            if os.path.basename(path) == os.path.basename(source):
                return int(line), frame
    return None


def own_offsets(frames, program):
    """Offsets in the program of the frames that have no source line, first frame first."""
    offsets = []
    for frame in frames:
        for module, offset in MODULE_OFFSET.findall(frame):
            if os.path.basename(module) == os.path.basename(program):
                offsets.append(int(offset, 16))
    return offsets


def normalise(text):
    """The reports with everything hidden that differs from run to run or machine to machine."""
    kept = []
    for line in text.splitlines():
        line = re.sub(r"^==\d+==", "==PID==", line)
        line = re.sub(r"0x[0-9a-f]+", "0xADDRESS", line)
        line = re.sub(r"\btid \d+", "tid TID", line)
        line = re.sub(r"\b\d+ occurrences?", "N occurrences", line)
        line = re.sub(r"sealed by \w+", "sealed by SEAL", line)
        line = re.sub(r"(?<![\w/.])/?(?:[\w.+-]+/)+(?=[\w+-]+\.(?:c|cpp|h):\d)", "", line)
        if FRAME.match(line):
            line = re.sub(r"#\d+", "#", line)
            if OUTSIDE.search(line):
                line = re.sub(r"#.*", "# (outside the program)", line)
                line = line.replace("=>", "  ")
                if kept and kept[-1] == line:
                    continue
                hide_width(kept)
        kept.append(line.rstrip())
    return "\n".join(kept) + "\n"


def hide_width(kept):
    """How many bytes a copy inside the C library touches at once depends on the processor."""
    if kept and re.search(r"\b(read|write) of \d+ bytes?", kept[-1]):
        kept[-1] = re.sub(r"of \d+ bytes? at", "of N bytes at", kept[-1])
        kept[-1] = re.sub(r"offset \d+", "offset N", kept[-1])
