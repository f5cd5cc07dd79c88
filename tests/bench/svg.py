# SPDX-License-Identifier: MIT
"""A small writer of SVG charts with logarithmic axes: the same input gives the same file."""

import math
from dataclasses import dataclass

INK, GRID = "#222222", "#d8d8d8"


class Picture:
    def __init__(self, width, height):
        self.width, self.height, self.parts = width, height, []
        self.rect(0, 0, width, height, "#ffffff")

    def rect(self, x, y, width, height, fill):
        self.parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" '
                          f'fill="{fill}"/>')

    def line(self, x1, y1, x2, y2, colour=GRID, width=1):
        self.parts.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
                          f'stroke="{colour}" stroke-width="{width}"/>')

    def polyline(self, points, colour):
        text = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.parts.append(f'<polyline points="{text}" fill="none" stroke="{colour}" '
                          'stroke-width="2"/>')
        for x, y in points:
            self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>')

    def text(self, x, y, text, anchor="middle", size=12, colour=INK, weight="normal", turn=0):
        for old, new in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
            text = text.replace(old, new)
        turned = f' transform="rotate({turn} {x:.1f} {y:.1f})"' if turn else ""
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" '
                          f'font-size="{size}" fill="{colour}" font-weight="{weight}"{turned}>'
                          f'{text}</text>')

    def save(self, path):
        with open(path, "w", encoding="utf-8") as file:
            file.write('<?xml version="1.0" encoding="UTF-8"?>\n<!-- SPDX-License-Identifier: MIT -->\n'
                       f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width}" '
                       f'height="{self.height}" viewBox="0 0 {self.width} {self.height}" '
                       'font-family="sans-serif">\n' + "\n".join(self.parts) + "\n</svg>\n")


@dataclass
class LogAxis:
    """Maps values from low to high, powers of ten or parts of them, to a stretch of the picture."""
    low: float
    high: float
    start: float
    end: float

    def at(self, value):
        value = min(max(value, self.low), self.high)
        return self.start + (self.end - self.start) * (math.log(value / self.low)
                                                       / math.log(self.high / self.low))

    def ticks(self, steps=(1,)):
        powers = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        return [step * 10.0 ** power for power in powers for step in steps
                if self.low * 0.999 <= step * 10.0 ** power <= self.high * 1.001]


def short(value):
    """1000 as 1k, 0.5 as 0.5."""
    for limit, letter in ((1e6, "M"), (1e3, "k")):
        if value >= limit:
            return f"{value / limit:g}{letter}"
    return f"{value:g}"


def legend(picture, x, y, entries):
    """Coloured names, one after the other."""
    for name, colour in entries:
        picture.rect(x, y - 10, 12, 12, colour)
        picture.text(x + 17, y, name, "start")
        x += 40 + 6.9 * len(name)


def decades(values):
    """The powers of ten around the values."""
    return (10.0 ** math.floor(math.log10(min(values))), 10.0 ** math.ceil(math.log10(max(values))))
