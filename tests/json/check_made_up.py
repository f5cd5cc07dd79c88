#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Findings of every kind and shape, made up: each line is valid, the kinds are those of the schema, and the text
report can be made of the lines, byte for byte. The lines that were made up by hand are valid, too.
check_made_up.py MADE_UP JSONL..."""

import codecs
import difflib
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
import guarded  # noqa: E402
from as_text import as_text  # noqa: E402
from lines import of, order_errors, read_lines, schema  # noqa: E402

LINE_CAP = 128 * 1024


def each_byte(error):
    return "\ufffd" * (error.end - error.start), error.end


def check_text(findings, text):
    made = as_text(finding for finding in findings if not finding.get("truncated"))
    # An empty list of lines has an end of line too.
    if made == text:
        return []
    lines = difflib.unified_diff(text.split("\n"), made.split("\n"), "text", "made of the lines",
                                 lineterm="")
    return ["the text made of the lines differs:", *list(lines)[:40]]


def check_deep(finding):
    stacks = [finding["stack"], finding["block"]["allocated"]["stack"],
              finding["block"]["moved"]["stack"], finding["today"]["stack"]]
    counts = [len(stack) for stack in stacks]
    if not finding.get("truncated") or not finding.get("stack_cut") or not all(0 < n < 96 for n in counts):
        return [f"a line without room keeps {counts} frames, and says {finding.get('truncated')}"]
    return []


def check_others(events):
    texts = [note["text"] for note in of(events, "note")]
    lapsed = of(events, "summary")[0]["lapsed"]
    errors = []
    if 'a "note"\n' + "\ufffd|\ufffd|" not in texts[0]:
        errors.append(f"a note lost its text: {texts[0]!r}")
    if lapsed != {"count": 2, "of": 11, "first_after": 0}:
        errors.append(f"lapsed: {lapsed}")
    if not of(events, "note")[-1].get("stack_cut"):
        errors.append("a note whose stack was cut does not say so")
    return errors


def check_samples(paths):
    errors = []
    for path in paths:
        with open(path, "rb") as sample:
            events, complaints = read_lines(sample.read())
        complaints += order_errors(events) if not complaints else []
        errors += [f"{os.path.basename(path)}: {complaint}" for complaint in complaints]
    return errors


def main():
    codecs.register_error("each byte", each_byte)
    with tempfile.TemporaryDirectory(prefix="rg-made-up-") as folder:
        files = [os.path.join(folder, name) for name in ("json", "text")]
        subprocess.run([sys.argv[1], *files], check=True)
        with open(files[0], "rb") as lines, open(files[1], "rb") as text:
            data, text = lines.read(), text.read().decode("utf-8", "each byte")
    events, errors = read_lines(data)
    errors += check_samples(sys.argv[2:])
    findings = of(events, "finding")
    kinds = {finding["kind"] for finding in findings}
    wanted = set(schema["$defs"]["finding"]["properties"]["kind"]["enum"])
    if kinds != wanted:
        errors.append(f"kinds that are not in both: {sorted(kinds ^ wanted)}")
    if max(map(len, data.split(b"\n"))) >= LINE_CAP:
        errors.append("a line is too long")
    if not errors:
        errors += check_text(findings, text) + check_deep(findings[-1]) + check_others(events)
    guarded.finish(errors[:60])


if __name__ == "__main__":
    main()
