# SPDX-License-Identifier: MIT
"""Writes trace files (src/trace/format.h) and reads their events, for tests: a second, simple implementation of the format,
which trusts the file. Run as a program it writes a long trace, for measuring: trace_made_up.py FILE [EVENTS]."""

import random
import struct
import sys

PAGE = 4096
CHUNK = 16 * PAGE
CHUNK_MAGIC = 0x4B484352
META, EVENTS = 1, 2
ALLOC, FREE, RESIZE, MOVE, FORCED_MOVE, FAILED = range(1, 7)
KINDS = {ALLOC: "alloc", FREE: "free", RESIZE: "resize", MOVE: "move", FORCED_MOVE: "forced-move", FAILED: "failed"}
MALLOC, CALLOC, REALLOC, ALIGNED, NEW, NEW_ARRAY, BY_FREE, DELETE, DELETE_ARRAY = range(9)
MODULE, STACK, CLOCK, END, THREAD, NOTE = range(1, 7)
START = 10**12  # ticks, of which one is a nanosecond
HEADER = struct.Struct("<8sIIIIQQQII")
CHUNK_HEADER = struct.Struct("<IIIIIIQQ")


def varint(n):
    out = bytearray()
    while n >= 0x80:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


def sized(data):
    return varint(len(data)) + data


def has_address(kind):
    return kind in (ALLOC, MOVE, FORCED_MOVE)


def has_old_size(kind):
    return kind in (RESIZE, MOVE, FORCED_MOVE)


class Made:
    """A trace in the making. Times are ns since the start."""

    def __init__(self, pid=4242, path="/bin/made-up", command=(b"made-up", b"it's"), parent=0, realtime=1700000000 * 10**9,
                 chunk=CHUNK):
        self.pid, self.parent, self.path, self.command, self.realtime = pid, parent, path, command, realtime
        self.chunk = chunk
        self.meta = []
        self.chunks = []  # [thread, start ticks, bytes]
        self.state = {}  # of a thread: its chunk, ticks and address
        self.last = START

    def record(self, kind, body):
        self.meta.append(bytes([kind]) + sized(body))

    def module(self, index, path, build_id=b"", start=0x10000, end=0x20000, bias=0):
        self.record(MODULE, varint(index) + varint(start) + varint(end) + varint(bias) + sized(build_id)
                    + sized(path.encode()))

    def stack(self, number, frames):
        self.record(STACK, varint(number) + varint(len(frames))
                    + b"".join(varint(module) + varint(address) for module, address in frames))

    def clock(self, ns, kind=CLOCK):
        self.record(kind, varint(START + ns) + varint(ns))

    def end(self, ns):
        self.clock(ns, END)

    def note(self, text):
        self.record(NOTE, sized(text.encode()))

    def thread(self, number, name):
        self.record(THREAD, varint(number) + varint(1000 + number) + sized(name.encode()))

    def new_chunk(self, thread, ns):
        self.chunks.append([thread, START + ns, bytearray()])
        self.state[thread] = [self.chunks[-1], START + ns, 0]

    def event(self, kind, ns, thread=0, stack=1, address=0, size=0, old=0, old_size=0, how=MALLOC):
        if thread not in self.state or len(self.state[thread][0][2]) > self.chunk - 200:
            self.new_chunk(thread, ns)
        state = self.state[thread]

        def put_address(value):
            difference = (value >> 4) - (state[2] >> 4)
            state[2] = value
            return varint(2 * difference if difference >= 0 else -2 * difference - 1)

        out = bytes([kind | how << 4]) + varint(max(START + ns - state[1], 0)) + varint(stack)
        state[1] = max(START + ns, state[1])
        self.last = max(self.last, state[1])
        if kind != ALLOC:
            out += put_address(old)
        if has_old_size(kind):
            out += varint(old_size)
        if has_address(kind):
            out += put_address(address)
        if kind != FREE:
            out += varint(size)
        state[0][2].extend(out)

    def alloc(self, ns, address, size, **more):
        self.event(ALLOC, ns, address=address, size=size, **more)

    def free(self, ns, old, how=BY_FREE, **more):
        self.event(FREE, ns, old=old, how=how, **more)

    def realloc(self, ns, old, address, old_size, size, forced=False, **more):
        kind = RESIZE if old == address else FORCED_MOVE if forced else MOVE
        self.event(kind, ns, old=old, address=address, old_size=old_size, size=size, how=REALLOC, **more)

    def chunk_bytes(self, kind, thread, ticks, body):
        head = CHUNK_HEADER.pack(CHUNK_MAGIC, kind, self.chunk, thread, 1000 + thread, 0, ticks, ticks - START)
        return (head + bytes(body)).ljust(self.chunk, b"\0")

    def bytes(self):
        path = self.path.encode()
        command = b"".join(word + b"\0" for word in self.command)
        header = HEADER.pack(b"RGTRACE\0", 1, self.pid, self.parent, 30, START, 0, self.realtime, len(path), len(command))
        out = [(header + path + command).ljust(PAGE, b"\0")]
        body, metas = b"", []
        for record in self.meta:
            if len(body) + len(record) > self.chunk - CHUNK_HEADER.size:
                metas.append(body)
                body = b""
            body += record
        for body in metas + [body]:
            out.append(self.chunk_bytes(META, 0, START, body))
        for thread, ticks, events in self.chunks:
            out.append(self.chunk_bytes(EVENTS, thread, ticks, events))
        return b"".join(out)

    def write(self, path):
        with open(path, "wb") as file:
            file.write(self.bytes())
        return path


class Reader:
    """What a trace that is not damaged holds."""

    def __init__(self, data):
        fields = HEADER.unpack_from(data)
        assert fields[0] == b"RGTRACE\0" and fields[1] == 1, fields
        self.pid, self.start_ticks = fields[2], fields[5]
        self.data = data
        self.stacks, self.modules, self.has_ended = {}, {}, False
        self.events = []  # (ticks, whether it is no free, thread, sequence, dict)
        at = PAGE
        while at + CHUNK_HEADER.size <= len(data):
            magic, kind, size, thread, _, _, ticks, _ = CHUNK_HEADER.unpack_from(data, at)
            if magic == 0:
                at += PAGE
                continue
            assert magic == CHUNK_MAGIC, hex(at)
            end = min(at + size, len(data))
            if kind == META:
                self.read_meta(at + CHUNK_HEADER.size, end)
            else:
                self.read_events(at + CHUNK_HEADER.size, end, thread, ticks)
            at += size
        self.events.sort(key=lambda e: e[:2])

    def number(self, at):
        n = shift = 0
        while True:
            byte = self.data[at]
            at += 1
            n |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return n, at

    def read_meta(self, at, end):
        while at < end and self.data[at]:
            kind = self.data[at]
            size, at = self.number(at + 1)
            if kind == STACK:
                number, place = self.number(at)
                count, place = self.number(place)
                frames = []
                for _ in range(count):
                    module, place = self.number(place)
                    address, place = self.number(place)
                    frames.append((module, address))
                self.stacks[number] = frames
            elif kind == MODULE:
                number, place = self.number(at)
                self.modules[number] = place
            elif kind == END:
                self.has_ended = True
            at += size

    def read_events(self, at, end, thread, ticks):
        address = 0
        while at < end and self.data[at]:
            kind, how = self.data[at] & 15, self.data[at] >> 4
            event = {"kind": KINDS[kind], "how": how, "thread": thread, "address": 0, "old": 0, "old_size": 0, "size": 0}
            delta, at = self.number(at + 1)
            ticks += delta
            event["stack"], at = self.number(at)

            def take_address(at):
                n, at = self.number(at)
                return ((address >> 4) + ((n >> 1) ^ -(n & 1)) << 4) & (1 << 64) - 1, at

            if kind != ALLOC:
                address, at = take_address(at)
                event["old"] = address
            if has_old_size(kind):
                event["old_size"], at = self.number(at)
            if has_address(kind):
                address, at = take_address(at)
                event["address"] = address
            if kind != FREE:
                event["size"], at = self.number(at)
            if kind == RESIZE:
                event["address"] = event["old"]
            event["ticks"] = ticks
            self.events.append((ticks, kind != FREE, event))


def totals(events):
    """The figures of the summary, computed anew: of the events of a Reader, in order."""
    live, last = {}, {}
    f = dict.fromkeys(("allocations", "bytes", "reallocs", "moved", "forced", "copied_bytes", "at_peak_bytes",
                       "at_peak_blocks", "frees", "unknown", "temporary", "failed", "most_blocks"), 0)
    now = 0
    for _, _, e in events:
        kind, given = e["kind"], last.pop(e["thread"], None)
        if kind == "failed":
            f["failed"] += 1
            continue
        if kind != "alloc":
            old = live.pop(e["old"], None)
            f["unknown"] += old is None
            now -= old or 0
        if kind == "free":
            f["frees"] += 1
            f["temporary"] += old is not None and given == e["old"]
            continue
        now -= live.pop(e["address"], 0)
        live[e["address"]] = e["size"]
        last[e["thread"]] = e["address"]
        now += e["size"]
        f["allocations"] += 1
        f["bytes"] += e["size"]
        if kind != "alloc":
            f["reallocs"] += 1
            if kind != "resize":
                f["moved"] += 1
                f["forced"] += kind == "forced-move"
                f["copied_bytes"] += min(e["size"], old if old is not None else e["old_size"])
        f["most_blocks"] = max(f["most_blocks"], len(live))
        if now > f["at_peak_bytes"]:
            f["at_peak_bytes"], f["at_peak_blocks"] = now, len(live)
    f["live_bytes"], f["live_blocks"] = now, len(live)
    return f


def random_trace(count, seed=1, threads=4, chunk=CHUNK, stacks=50):
    """A trace of as many events, of all kinds."""
    rng = random.Random(seed)
    made = Made(chunk=chunk)
    made.module(1, "/bin/true")
    made.module(2, "/usr/lib/x86_64-linux-gnu/libc.so.6")
    for number in range(1, stacks + 1):
        made.stack(number, [(rng.choice((0, 1, 1, 2)), rng.randrange(1 << 14)) for _ in range(rng.randrange(1, 6))])
    live, free, ns = [], [16 * i for i in range(1 << 12, 1 << 16)], 0
    rng.shuffle(free)
    for _ in range(count):
        ns += rng.randrange(1, 2000)
        more = {"thread": rng.randrange(threads), "stack": rng.randrange(stacks + 1)}
        what = rng.random()
        if live and (what < 0.4 or not free):
            index = rng.randrange(len(live))
            address, size = live[index]
            live[index] = live[-1]
            live.pop()
            if what < 0.3 or not free:
                made.free(ns, address, how=rng.choice((BY_FREE, DELETE, DELETE_ARRAY, REALLOC)), **more)
                free.append(address)
                continue
            new = rng.randrange(3 * size + 1)
            to = address if rng.random() < 0.5 else free.pop()
            if to != address:
                free.append(address)
            made.realloc(ns, address, to, size, new, forced=rng.random() < 0.3, **more)
            live.append((to, new))
        elif what > 0.99:
            made.event(FAILED, ns, size=1 << 60, old=rng.choice((0, 0xFFF0)), how=REALLOC, **more)
        elif what > 0.985:
            made.free(ns, 0xFFF00, **more)  # of a block from before the trace
        else:
            size = int(2 ** (12 * rng.random())) - 1
            address = free.pop()
            made.alloc(ns, address, size, how=rng.randrange(6), **more)
            live.append((address, size))
    made.end(ns + 1000)
    return made


if __name__ == "__main__":
    random_trace(int(sys.argv[2]) if len(sys.argv) > 2 else 1000000, chunk=1 << 20).write(sys.argv[1])
