# SPDX-License-Identifier: MIT
"""redis-server with a known set of data in database 0, while redis-benchmark loads database 1 and the
server forks again and again to save. Compared: the digest of database 0, also after restarts from the
append-only file and from the snapshot, and what a few commands answer."""

import functools
import os
import random
import re
import socket

from kinds import Service

# One program in Debian (package redis-tools), which is the server if its name says so.
SERVER = "/usr/bin/redis-check-rdb"
CLIENT = "/usr/bin/redis-cli"
BENCHMARK = "/usr/bin/redis-benchmark"
STANDARD = ("set,get,incr,lpush,rpush,lpop,rpop,sadd,hset,spop,zadd,zpopmin,lrange_100,lrange_300,"
            "mset,xadd")
SAVES = ("BGSAVE", "BGREWRITEAOF")

SETTINGS = """
port 0
unixsocket {folder}/socket
dir {folder}/data
databases 2
save ""
appendonly {appendonly}
enable-debug-command yes
lazyfree-lazy-user-del yes
lazyfree-lazy-user-flush yes
lazyfree-lazy-server-del yes
set-proc-title no
"""


class Connection:
    """One connection that waits for the answer to each command."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(600)
        self.socket.connect(path)
        self.answers = self.socket.makefile("rb")

    def __call__(self, *words):
        self.socket.sendall(encode(words))
        return self.read()

    def read(self):
        line = self.answers.readline()
        kind, rest = line[:1], line[1:-2].decode()
        if kind == b"$":
            if rest == "-1":
                return None
            return self.answers.read(int(rest) + 2)[:-2].decode()
        if kind == b"*":
            return [self.read() for _ in range(int(rest))]
        return int(rest) if kind == b":" else ("error: " if kind != b"+" else "") + rest


def encode(words):
    parts = [str(word).encode() for word in words]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part)
                                              for part in parts)


def filling(count):
    """Commands that fill the database: strings, and containers that grow past each of their encodings."""
    rng = random.Random(5)
    for i in range(count):
        yield "SET", f"string:{i}", "%x" % rng.getrandbits(4 * rng.choice((8, 40, 200, 900)))
    for i in range(count):
        kind, key = rng.randrange(5), rng.randrange(count // 40 + 1)
        value = "%x" % rng.getrandbits(4 * rng.choice((6, 30, 120)))
        if kind == 0:
            yield rng.choice(("LPUSH", "RPUSH")), f"list:{key}", value
        elif kind == 1:
            yield "SADD", f"set:{key}", value if key % 2 else rng.randrange(10**6)
        elif kind == 2:
            yield "HSET", f"hash:{key}", f"field{rng.randrange(300)}", value
        elif kind == 3:
            yield "ZADD", f"sorted:{key}", rng.randrange(10**6), value
        else:
            yield "XADD", f"stream:{key}", f"{i + 1}-1", "field", value
    for i in range(count // 20):
        yield "RPUSH", "numbers", rng.randrange(10**6)


def changing(count):
    """Commands that make values grow and shrink where they are, and move them."""
    rng = random.Random(6)
    for i in range(count):
        key = rng.randrange(count)
        yield from rng.choice((
            [("APPEND", f"string:{key}", "y" * rng.randrange(1, 400))],
            [("SETRANGE", f"string:{key}", rng.randrange(3000), "z" * rng.randrange(1, 50))],
            [("SETBIT", f"bits:{key % 50}", rng.randrange(100000), 1)],
            [("PFADD", f"log:{key % 10}", i)],
            [("LTRIM", f"list:{key // 40}", 0, 60), ("LINSERT", f"list:{key // 40}", "BEFORE", "a", i)],
            [("RENAME", f"string:{key}", f"moved:{key}"), ("SET", f"string:{key}", i)],
            [("SUNIONSTORE", f"union:{key % 20}", f"set:{key // 40}", f"set:{key // 80}")],
            [("ZUNIONSTORE", f"sum:{key % 20}", 2, f"sorted:{key // 40}", f"sorted:{key // 80}")],
            [("SORT", f"list:{key // 40}", "ALPHA", "STORE", f"ordered:{key % 30}")],
            [("DEL", f"moved:{key}")],
            [("EVAL", "local t = {} for i = 1, 100 do t[i] = ARGV[1] .. i end "
              "return redis.call('SET', KEYS[1], table.concat(t))", 1, f"script:{key % 99}", i)]))


def start(place, appendonly):
    settings = SETTINGS.format(folder=place.folder, appendonly=appendonly)
    with open(place.path("redis.conf"), "w", encoding="ascii") as out:
        out.write(settings)
    server = place.start([place.path("redis-server"), place.path("redis.conf")], "server.log")

    def connect():
        place.require(server.poll() is None, "redis-server ended: " + read_log(place))
        try:
            connection = Connection(place.path("socket"))
        except OSError:
            return None
        return connection if connection("PING") == "PONG" else None

    return server, place.wait_until(connect, "redis-server answers")


def read_log(place):
    with open(place.path("server.log"), encoding="utf-8") as log:
        return log.read()


def pipe(place, commands):
    """Sends commands; the errors among the answers are the same each time."""
    data = b"".join(map(encode, commands))
    said = place.run([CLIENT, "-s", place.path("socket"), "--pipe"], stdin=data)
    return said.splitlines()[-1]


def persistence(ask):
    return dict(line.split(":") for line in ask("INFO", "persistence").splitlines() if ":" in line)


def save(place, ask, command):
    """Has a forked child save everything, and waits until it has."""
    answer = ask(command)
    place.require("started" in answer, f"{command} answers {answer}")

    def is_idle():
        now = persistence(ask)
        return all(now[name] == "0" for name in ("rdb_bgsave_in_progress", "aof_rewrite_in_progress",
                                                 "aof_rewrite_scheduled"))

    place.wait_until(is_idle, f"{command} is done")
    now = persistence(ask)
    for name in ("rdb_last_bgsave_status", "aof_last_bgrewrite_status", "aof_last_write_status"):
        place.require(now[name] == "ok", f"after {command} {name} is {now[name]}")


def load(place, ask, requests):
    """Lets redis-benchmark use database 1, saving all the time; returns how the list there ends."""
    common = [BENCHMARK, "-s", place.path("socket"), "--dbnum", "1", "-r", "20000", "-c", "20", "-q"]
    runs = [["-n", requests, "-t", STANDARD],
            ["-n", requests, "-P", "16", "append", "key:__rand_int__", "x" * 30],
            ["-n", requests, "setrange", "key:__rand_int__", "1000", "yy"],
            ["-n", requests // 200, "sort", "mylist", "limit", "0", "10", "alpha"],
            ["-n", requests // 10, "del", "key:__rand_int__"]]
    saves = 0
    for arguments in runs:
        benchmark = place.start([*common, *map(str, arguments)], "benchmark.log")
        while benchmark.poll() is None or saves < 4:
            save(place, ask, SAVES[saves % 2])
            saves += 1
        place.wait_end(benchmark)
    ask("SELECT", 1)
    length = ask("LLEN", "mylist")
    ask("FLUSHDB")
    ask("SELECT", 0)
    return f"list of {length}"


def stop(place, server, ask, how):
    ask.socket.sendall(encode(("SHUTDOWN", how)))
    place.wait_end(server)


def serve(place, keys, requests):
    place.make_folder("data")
    os.symlink(SERVER, place.path("redis-server"))
    told = []

    def tell(what, ask):
        told.append(f"{what}: {ask('DBSIZE')} keys, digest {ask('DEBUG', 'DIGEST')}")

    server, ask = start(place, "yes")
    told.append(pipe(place, filling(keys)))
    tell("filled", ask)
    told.append(load(place, ask, requests))
    tell("after the load", ask)
    told.append(pipe(place, changing(keys)))
    tell("changed", ask)
    told.append(" ".join(ask("SORT", "numbers", "LIMIT", 0, 200, "DESC")))
    told.append(" ".join(ask("ZRANGEBYLEX", "sorted:1", "-", "+")))
    place.require_guard_in(server.pid)
    stop(place, server, ask, "NOSAVE")
    server, ask = start(place, "yes")
    tell("from the append-only file", ask)
    place.require(ask("SAVE") == "OK", "SAVE fails")
    stop(place, server, ask, "NOSAVE")
    server, ask = start(place, "no")
    tell("from the snapshot", ask)
    stop(place, server, ask, "NOSAVE")
    log = read_log(place)
    place.require(not re.search(r"crash|assert|signal: |corrupt|Bad file format", log, re.IGNORECASE),
                  log[-4000:])
    return "\n".join(told)


def make_job(keys, requests):
    return Service(functools.partial(serve, keys=keys, requests=requests),
                   (SERVER, CLIENT, BENCHMARK))


JOBS = {
    "redis": make_job(6000, 1000),
    "redis_large": make_job(60000, 6000),
}
