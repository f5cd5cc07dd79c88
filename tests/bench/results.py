# SPDX-License-Identifier: MIT
"""The results of scripts/bench: kept as rows, written and read as TSV, shown as Markdown tables."""

import csv
import statistics
from dataclasses import asdict, dataclass, fields

from tools import TOOLS

MEASURES = {"cpu": "CPU time", "wall": "wall time", "memory": "peak memory (Pss and page tables)"}


@dataclass
class Row:
    """One load under one tool. Figures are medians; what was not measured is 0."""
    load: str
    kind: str  # synthetic, real, or part (of a synthetic load)
    tool: str
    trouble: str = ""
    cpu: float = 0  # s
    wall: float = 0  # s
    memory: float = 0  # kB
    mappings: int = 0
    allocations: int = 0
    reallocs: int = 0
    frees: int = 0
    moves: int = 0
    peak_live: int = 0


def write_tsv(path, results):
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(f"# SPDX-License-Identifier: MIT\n# {results.conditions}\n")
        writer = csv.DictWriter(file, [f.name for f in fields(Row)], delimiter="\t",
                                lineterminator="\n")
        writer.writeheader()
        for row in results.rows:
            writer.writerow({name: f"{value:.6g}" if isinstance(value, float) else value
                             for name, value in asdict(row).items()})


def read_tsv(path):
    types = {f.name: f.type for f in fields(Row)}
    with open(path, encoding="utf-8", newline="") as file:
        lines = file.read().splitlines()
    rows = csv.DictReader(lines[2:], delimiter="\t")
    return Results([Row(**{name: types[name](value) for name, value in row.items()})
                    for row in rows], lines[1].removeprefix("# "))


class Results:
    """All rows, and one sentence on where and how they were measured. `other`: the results of another run, which has
    more tools; what it says of those is shown too, with ratios to what plain glibc took in that run."""

    def __init__(self, rows, conditions, other=None):
        self.rows, self.conditions = rows, conditions
        self.by_place = {(row.load, row.tool): row for row in rows}
        self.loads = list(dict.fromkeys(row.load for row in rows))
        own = {row.tool for row in rows}
        self.of_other = [name for name in (other.tools if other else []) if name not in own]
        self.tools = [name for name in TOOLS if name in own or name in self.of_other]
        self.kinds = {row.load: row.kind for row in rows}
        self.other = other
        if other:
            self.by_place |= {(load, tool): row for (load, tool), row in other.by_place.items()
                              if tool in self.of_other and load in self.kinds}

    def ratio(self, load, tool, measure):
        """To plain glibc, with the same build of the program; None where one of them has no figure."""
        if tool in self.of_other:
            return self.other.ratio(load, tool, measure)
        row = self.by_place.get((load, tool))
        plain = self.by_place.get((load, TOOLS[tool].base), self.by_place.get((load, "glibc")))
        if not row or not plain or row.trouble or plain.trouble:
            return None
        value, base = getattr(row, measure), getattr(plain, measure)
        return value / base if value and base else None

    def mean(self, kind, tool, measure):
        """The geometric mean, and over how many of the loads that the tool was tried on."""
        loads = [load for load in self.loads
                 if self.kinds[load] == kind and (load, tool) in self.by_place]
        ratios = [ratio for load in loads
                  if (ratio := self.ratio(load, tool, measure)) is not None]
        return (statistics.geometric_mean(ratios) if ratios else None), len(ratios), len(loads)


def show(ratio):
    if ratio is None:
        return "-"
    return f"{ratio:.2f}" if ratio < 9.995 else f"{ratio:.1f}" if ratio < 99.95 else f"{ratio:,.0f}"


def origins(results):
    """Sentences on where the figures are from."""
    text = results.conditions + "\n"
    if results.of_other:
        names = [TOOLS[tool].title for tool in results.of_other]
        text += (f"\nOf another run, with ratios to plain glibc in that run: {', '.join(names)}. "
                 f"{results.other.conditions}\n")
    return text


def table(heads, lines):
    text = "| " + " | ".join(heads) + " |\n|---" + "|--:" * (len(heads) - 1) + "|\n"
    return text + "".join("| " + " | ".join(line) + " |\n" for line in lines)


def cell(results, load, tool, measure):
    row = results.by_place.get((load, tool))
    return "fails" if row and row.trouble else show(results.ratio(load, tool, measure))


def mean_cell(results, kind, tool, measure):
    mean, count, of = results.mean(kind, tool, measure)
    return show(mean) + (f" ({count} of {of})" if mean is not None and count < of else "")


def own_figure(row, measure):
    if not row or row.trouble:
        return "fails"
    if measure == "memory":
        return f"{row.memory / 1024:.1f} MiB" if row.memory else "-"
    seconds = getattr(row, measure)
    return f"{seconds:.3f} s" if seconds else "-"


def ratio_table(results, measure, tools=None, kinds=("synthetic", "part", "real")):
    """One line for each load, and one for each geometric mean."""
    tools = [name for name in tools or results.tools if name != "glibc" and name in results.tools]
    lines = [[load, own_figure(results.by_place.get((load, "glibc")), measure)]
             + [cell(results, load, tool, measure) for tool in tools]
             for load in results.loads if results.kinds[load] in kinds]
    lines += [[f"**{kind}, geometric mean**", ""]
              + [mean_cell(results, kind, tool, measure) for tool in tools]
              for kind in ("synthetic", "real")
              if kind in kinds and kind in results.kinds.values()]
    return table(["load", "plain glibc"] + [TOOLS[tool].title for tool in tools], lines)


def summary_table(results):
    """One line for each tool."""
    lines = []
    for tool in (tool for tool in results.tools if tool != "rebuilt"):
        finished = [sum(results.mean(kind, tool, "cpu")[place] for kind in ("synthetic", "real"))
                    for place in (1, 2)]
        lines.append([TOOLS[tool].title]
                     + [mean_cell(results, kind, tool, measure) for kind, measure in
                        (("real", "cpu"), ("real", "wall"), ("real", "memory"),
                         ("synthetic", "cpu"), ("synthetic", "memory"))]
                     + [f"{finished[0]} of {finished[1]}"])
    return table(["tool", "CPU, real programs", "wall", "memory", "CPU, synthetic loads", "memory",
                  "loads finished"], lines)


def facts_table(results):
    """What the loads do, and how many mappings the guard needs for that."""
    # How long stacks are does not matter here.
    guards = [tool for tool in results.tools if TOOLS[tool].is_guard and tool != "nostacks"]
    lines = []
    for load in results.loads:
        plain = results.by_place.get((load, "glibc"))
        if plain and plain.kind != "part":
            guarded = [results.by_place.get((load, tool)) or Row(load, plain.kind, tool)
                       for tool in guards]
            lines.append([load] + [f"{number:,}" for number in
                                   [plain.allocations, plain.frees, plain.reallocs, plain.peak_live,
                                    plain.moves] + [row.moves for row in guarded]
                                   + [row.mappings for row in guarded]])
    return table(["load", "malloc, calloc", "free", "realloc", "peak live blocks",
                  "moved by plain glibc"]
                 + [f"by {TOOLS[tool].title}" for tool in guards]
                 + [f"mappings, {TOOLS[tool].title}" for tool in guards], lines)


def most_mappings(results):
    """A sentence on how near the guard comes to the bound that keeps room for the program."""
    row = max((row for row in results.rows if TOOLS[row.tool].is_guard),
              key=lambda row: row.mappings, default=None)
    if not row:
        return ""
    with open("/proc/sys/vm/max_map_count", encoding="ascii") as file:
        bound = int(file.read()) // 4
    return (f"Most mappings under the guard: {row.mappings:,} ({row.load}); the bound to hold is "
            f"`vm.max_map_count / 4`, {bound:,} here.\n")


def troubles(results):
    return [f"{row.load}, {TOOLS[row.tool].title}: {row.trouble}" for row in results.by_place.values()
            if row.trouble and row.kind != "part"]
