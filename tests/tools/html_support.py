# SPDX-License-Identifier: MIT
"""What the tests of pages have in common: names that would break out of a page, and a strict parser of others."""

import unittest

try:
    import html5lib
except ImportError:
    html5lib = None

needs_parser = unittest.skipUnless(html5lib, "Debian's python3-html5lib is not installed")

# What would end a text, an attribute, a comment, an element; what turns the direction; what HTML cannot hold.
HOSTILE = ("\"'><script>alert(1)</script></style></title><!-- &lt; <img src=//x onerror=a> \\u003c \u202e\x01\x85\ufdd0"
           "\U0001fffe\n\r")
SHOWN = "\"'><script>alert(1)</script></style></title><!-- &lt; <img src=//x onerror=a> \\u003c " + "\ufffd" * 7


def texts(element):
    return "".join(element.itertext())


def with_class(root, name):
    return [element for element in root.iter() if name in element.get("class", "").split()]


def parse(text):
    """The page as a tree. The parser takes nothing that is not as the standard says."""
    parser = html5lib.HTMLParser(html5lib.getTreeBuilder("etree"), strict=True, namespaceHTMLElements=False)
    page = parser.parse(text)
    for element in page.iter():
        if isinstance(element.tag, str):
            # Of a picture.
            element.tag = element.tag.removeprefix("{http://www.w3.org/2000/svg}")
    return page
