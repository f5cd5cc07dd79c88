#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""docs/integration/: what is there to be copied is, to the letter, what the other tests here run."""

import glob
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from integration_support import HERE, LIBRARY, MISUSE, PAGES, ToolTest, line_of, main  # noqa: E402

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# What is to be copied, by the language behind the three ticks, and where it is from. Without one it is output.
SOURCES = {"make": "Makefile", "meson": "meson.build", "cmake": "CMakeLists.txt", "cpp": "*.cpp",
           "python": "conftest.py", "yaml": "*.yml"}


def text_of(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


class Pages(ToolTest):
    def pages(self):
        pages = {os.path.basename(path): text_of(path) for path in glob.glob(os.path.join(PAGES, "*.md"))}
        self.assertGreaterEqual(len(pages), 8)
        return pages

    def test_show_what_is_tested(self):
        shown = set()
        for name, page in self.pages().items():
            for language, block in BLOCK.findall(page):
                if language not in SOURCES:
                    self.assertIn(language, ("", "xml"), name)
                    continue
                files = [path for pattern in (SOURCES[language], "." + SOURCES[language])
                         for path in glob.glob(os.path.join(HERE, "*", pattern))]
                texts = [text_of(path) for path in files]
                # Pieces of a file stand together, without what is between them.
                for piece in block.split("\n\n"):
                    self.assertTrue([text for text in texts if piece.strip("\n") in text], f"{name}:\n{piece}")
                shown.add(language)
        self.assertEqual(shown, set(SOURCES))

    def test_index_names_each_page(self):
        pages = self.pages()
        links = re.findall(r"\]\((\w+\.md)\)", pages["README.md"])
        self.assertEqual(sorted(links), sorted(pages.keys() - {"README.md"}))

    def test_name_the_line_of_the_misuse(self):
        line = line_of(os.path.join(LIBRARY, "text.c"), MISUSE)
        for name, page in self.pages().items():
            for place in re.findall(r"(?:stale read: text\.c:|`text\.c`, line |text\.c,line=)(\d+)", page):
                self.assertEqual(int(place), line, name)


if __name__ == "__main__":
    main()
