# SPDX-License-Identifier: MIT
"""Reads the file of a trace (src/trace/format.h, src/trace/event.h), written from what those say and sharing no code with
the tools: so the two check each other."""

import struct

HEADER = struct.Struct("<8s4I3Q2I")
CHUNK = struct.Struct("<6I2Q")
PAGE = 4096
META, EVENTS = 1, 2
MODULE, STACK, CLOCK, END, THREAD, NOTE = range(1, 7)
KINDS = {1: "alloc", 2: "free", 3: "resize", 4: "move", 5: "forced", 6: "failed"}
HOWS = ["malloc", "calloc", "realloc", "aligned", "new", "new[]", "free", "delete", "delete[]"]


class Event:
    """One event; what its kind does not have is 0."""

    def __init__(self, kind, how, stack, ticks, thread):
        self.kind, self.how, self.stack, self.ticks, self.thread = kind, how, stack, ticks, thread
        self.address = self.size = self.old = self.old_size = 0

    def __repr__(self):
        return (f"{self.kind} by {self.how}: {self.old:#x} ({self.old_size}) -> {self.address:#x} ({self.size}), "
                f"stack {self.stack}, thread {self.thread}, at {self.ticks}")


class Cursor:
    """A place in some bytes."""

    def __init__(self, data, at=0):
        self.data, self.at = data, at

    def byte(self):
        self.at += 1
        return self.data[self.at - 1]

    def varint(self):
        number = shift = 0
        while True:
            byte = self.byte()
            number |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return number

    def signed(self):
        number = self.varint()
        return number >> 1 if number % 2 == 0 else -(number >> 1) - 1

    def text(self):
        count = self.varint()
        self.at += count
        return self.data[self.at - count:self.at]


class Trace:
    """All that is in a file. Raises where something is not as the format says."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.data = file.read()
        self.modules, self.stacks, self.threads, self.notes, self.clocks, self.chunks = {}, {}, {}, [], [], []
        self.events = []  # as they are in the file; see `merged`
        self.ended = False
        self.read_header()
        self.read_chunks()

    def read_header(self):
        (magic, self.version, self.pid, self.parent_pid, self.frames_most, *start, self.realtime_ns, path_bytes,
         command_bytes) = HEADER.unpack_from(self.data)
        assert magic == b"RGTRACE\0" and self.version == 1, (magic, self.version)
        self.clocks.append(tuple(start))
        texts = self.data[HEADER.size:HEADER.size + path_bytes + command_bytes]
        self.path = texts[:path_bytes].decode()
        self.command = texts[path_bytes:].split(b"\0")[:-1]

    def read_chunks(self):
        at = PAGE
        while at + CHUNK.size <= len(self.data):
            magic, kind, size, thread, tid, zero, *start = CHUNK.unpack_from(self.data, at)
            if magic == 0:
                break
            assert magic == 0x4B484352 and kind in (META, EVENTS) and zero == 0, (at, magic, kind)
            assert size % PAGE == 0 and PAGE <= size <= 1 << 24 and at + size <= len(self.data), (at, size)
            self.clocks.append(tuple(start))
            self.chunks.append((kind, size, thread, tid))
            contents = Cursor(self.data[at + CHUNK.size:at + size])
            if kind == META:
                self.read_records(contents)
            else:
                self.read_events(contents, thread, start[0])
            at += size

    def read_records(self, c):
        while c.at < len(c.data) and (kind := c.byte()):
            record = Cursor(c.text())
            if kind == MODULE:
                index, start, end, bias = (record.varint() for _ in range(4))
                assert index == len(self.modules) + 1, index
                self.modules[index] = (start, end, bias, record.text(), record.text().decode())
            elif kind == STACK:
                number, count = record.varint(), record.varint()
                assert number not in self.stacks and 0 < count <= self.frames_most, (number, count)
                frames = [(record.varint(), record.varint()) for _ in range(count)]
                assert all(module == 0 or module in self.modules for module, _ in frames)
                self.stacks[number] = frames
            elif kind in (CLOCK, END):
                self.clocks.append((record.varint(), record.varint()))
                assert not (kind == END and self.ended)
                self.ended = self.ended or kind == END
            elif kind == THREAD:
                number, tid = record.varint(), record.varint()
                self.threads[number] = (tid, record.text().decode())
            elif kind == NOTE:
                self.notes.append(record.text().decode())
            else:
                raise AssertionError(f"record {kind}")
            assert record.at == len(record.data), (kind, record.at, len(record.data))

    def read_events(self, c, thread, ticks):
        address = 0

        def next_address():
            nonlocal address
            address = (address // 16 + c.signed()) * 16
            return address

        while c.at < len(c.data) and (first := c.byte()):
            ticks += c.varint()
            e = Event(KINDS[first & 15], HOWS[first >> 4], c.varint(), ticks, thread)
            if e.kind != "alloc":
                e.old = next_address()
            if e.kind in ("resize", "move", "forced"):
                e.old_size = c.varint()
            if e.kind in ("alloc", "move", "forced"):
                e.address = next_address()
            if e.kind != "free":
                e.size = c.varint()
            e.address = e.old if e.kind == "resize" else e.address
            self.events.append(e)

    @property
    def merged(self):
        return sorted(self.events, key=lambda e: e.ticks)

    def check(self):
        """What must hold of every trace: each stack and thread is known, the two clocks agree, no address is given
        twice, none is ended that is not there. Returns the blocks that are left, by address."""
        live = {}
        for e in self.merged:
            assert e.stack == 0 or e.stack in self.stacks, e
            assert e.thread in self.threads, e
            if e.kind in ("free", "move", "forced", "resize"):
                size = live.pop(e.old, None)
                assert size is not None or self.parent_pid, f"ends what is not there: {e}"
                assert e.kind == "free" or size in (None, e.old_size), (e, size)
            if e.kind in ("alloc", "move", "forced", "resize"):
                assert e.address not in live, f"is live already: {e}"
                live[e.address] = e.size
        by_ticks = sorted(self.clocks)
        assert by_ticks == sorted(self.clocks, key=lambda pair: pair[1]), self.clocks
        return live

    def names(self, stack):
        """Base names of the modules of a stack."""
        return [self.modules[module][4].split("/")[-1] if module else "" for module, _ in self.stacks[stack]]
