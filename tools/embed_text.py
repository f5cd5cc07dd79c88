#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes C of style and script of the page that realloc-guard convert --to html writes: embed_text.py STYLE SCRIPT OUTPUT.
Each is an array, and beside it what a Content-Security-Policy calls it."""

import base64
import hashlib
import re
import sys


def array(name, path, end):
    with open(path, "rb") as file:
        text = file.read()
    # A browser would see something else than the hash was made of.
    if re.search(rb"\r|\0|<!--|</" + end, text, re.IGNORECASE):
        sys.exit(f"{path}: holds what would end the element, or what a browser replaces")
    rows = [", ".join(str(byte) for byte in text[i:i + 24]) for i in range(0, len(text), 24)]
    digest = base64.b64encode(hashlib.sha256(text).digest()).decode()
    return (f"const char rg_html_{name}[] = {{\n" + "".join(f"    {row},\n" for row in rows) + "    0,\n};\n" +
            f"const char rg_html_{name}_hash[] = \"'sha256-{digest}'\";\n")


def main():
    style, script, output = sys.argv[1:]
    with open(output, "w", encoding="ascii") as file:
        file.write("// Made by tools/embed_text.py; convert_html.h declares what is here.\n")
        file.write(array("style", style, b"style") + "\n" + array("script", script, b"script"))


main()
