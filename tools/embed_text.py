#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes C of style and script of a page that realloc-guard writes: embed_text.py NAME FILE... OUTPUT. Files of .css are
its style, those of .js its script, in this order. Each of both is an array rg_NAME_..., and beside it what a
Content-Security-Policy calls it."""

import base64
import hashlib
import re
import sys


def array(name, paths, end):
    text = b""
    for path in paths:
        with open(path, "rb") as file:
            part = file.read()
        # A browser would see something else than the hash was made of.
        if re.search(rb"\r|\0|<!--|</" + end, part, re.IGNORECASE):
            sys.exit(f"{path}: holds what would end the element, or what a browser replaces")
        text += part
    rows = [", ".join(str(byte) for byte in text[i:i + 24]) for i in range(0, len(text), 24)]
    digest = base64.b64encode(hashlib.sha256(text).digest()).decode()
    return (f"const char {name}[] = {{\n" + "".join(f"    {row},\n" for row in rows) + "    0,\n};\n" +
            f"const char {name}_hash[] = \"'sha256-{digest}'\";\n")


def main():
    name, *paths, output = sys.argv[1:]
    with open(output, "w", encoding="ascii") as file:
        file.write("// Made by tools/embed_text.py; the header of the page declares what is here.\n")
        file.write(array(f"rg_{name}_style", [path for path in paths if path.endswith(".css")], b"style") + "\n" +
                   array(f"rg_{name}_script", [path for path in paths if path.endswith(".js")], b"script"))


main()
