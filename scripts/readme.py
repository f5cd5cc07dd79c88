# SPDX-License-Identifier: MIT
"""The tables in README.md that scripts fill in: what stands between <!-- NAME:begin --> and
<!-- NAME:end -->, each on a line of its own."""

import os
import re
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
README = os.path.join(ROOT, "README.md")


def put(name, text):
    """Replaces what stands there. Ends the program when the markers are not there once each."""
    with open(README, encoding="utf-8") as file:
        old = file.read()
    pattern = f"(?<=<!-- {name}:begin -->\n).*?(?=<!-- {name}:end -->\n)"
    new, count = re.subn(pattern, lambda _: text, old, flags=re.DOTALL)
    if count != 1:
        sys.exit(f"README.md must hold <!-- {name}:begin --> and <!-- {name}:end --> once")
    with open(README, "w", encoding="utf-8") as file:
        file.write(new)
