# SPDX-License-Identifier: MIT
"""A PostgreSQL cluster from initdb to a clean stop: pgbench from a fixed seed, a script of queries, a
crash of the server's own choosing with recovery, dumps, checks. Compared: what the queries answer, and
the sums and counts that pgbench must leave behind."""

import glob
import os
import signal

from kinds import Service

USER = "postgres"
BIN = max(glob.glob("/usr/lib/postgresql/*/bin"), default="/usr/lib/postgresql/15/bin")
PROGRAMS = ("initdb", "postgres", "psql", "pgbench", "pg_dump", "pg_restore", "pg_amcheck",
            "pg_checksums", "vacuumdb", "pg_ctl")

SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{folder}/home'
fsync = off
shared_buffers = 32MB
work_mem = 1MB
maintenance_work_mem = 4MB
autovacuum_naptime = 1s
max_parallel_workers_per_gather = 2
min_parallel_table_scan_size = 0
parallel_setup_cost = 0
parallel_tuple_cost = 0
log_min_messages = warning
"""

SUMS = """
select count(*), sum(delta) from pgbench_history;
select count(*), sum(abalance), sum(aid) from pgbench_accounts;
select count(*), sum(tbalance) from pgbench_tellers;
select count(*), sum(bbalance) from pgbench_branches;
"""


class Cluster:
    """The tools, run as the unprivileged user that the server insists on, where this is root."""

    def __init__(self, place):
        self.place = place
        self.user = USER if os.geteuid() == 0 else None
        self.home = place.make_folder("home", user=self.user)
        self.data = os.path.join(self.home, "data")
        self.server = None

    def run(self, tool, *arguments, stdin=b""):
        env = {"PGHOST": self.home, "PGUSER": USER, "PGDATABASE": USER, "PGDATA": self.data,
               "PGTZ": "UTC"}
        return self.place.run([os.path.join(BIN, tool), *arguments], stdin, self.user, env, self.home)

    def ask(self, sql):
        return self.run("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", stdin=sql.encode())

    def start(self):
        self.server = self.place.start([os.path.join(BIN, "postgres"), "-D", self.data],
                                       "server.log", self.user, cwd=self.home)

        def is_ready():
            self.place.require(self.server.poll() is None, "postgres ended: " + self.read_log())
            try:
                with open(os.path.join(self.data, "postmaster.pid"), encoding="ascii") as lines:
                    words = lines.read().split()
            except OSError:
                return False
            return words and words[0] == str(self.server.pid) and words[-1] == "ready"

        self.place.wait_until(is_ready, "postgres is ready")
        self.run("pg_ctl", "status")

    def stop(self, how):
        self.server.send_signal(how)
        self.place.wait_end(self.server)

    def read_log(self):
        with open(self.place.path("server.log"), encoding="utf-8") as log:
            return log.read()


def script():
    with open(os.path.join(os.path.dirname(__file__), "queries.sql"), encoding="utf-8") as sql:
        return sql.read()


def serve(place):
    cluster = Cluster(place)
    cluster.run("initdb", "-D", cluster.data, "-U", USER, "-A", "trust", "--locale=C.UTF-8",
                "--data-checksums", "--no-sync")
    with open(os.path.join(cluster.data, "postgresql.conf"), "a", encoding="ascii") as out:
        out.write(SETTINGS.format(folder=place.folder))
    cluster.start()
    told = [cluster.ask(script())]
    cluster.run("pgbench", "-i", "-s", "2", "-q")
    for number, mode in enumerate(("simple", "extended", "prepared")):
        cluster.run("pgbench", "-M", mode, "-c", "4", "-j", "2", "-t", "150",
                    "--random-seed", str(number))
    place.require_guard_in(cluster.server.pid)
    told.append(cluster.ask(SUMS))

    # An immediate stop is a crash as far as the data are concerned.
    cluster.stop(signal.SIGQUIT)
    cluster.start()
    told.append(cluster.ask(SUMS))
    cluster.run("vacuumdb", "--analyze", "--full", "-j", "2")
    cluster.run("pg_amcheck", "--install-missing", "--heapallindexed")
    told += [line for line in cluster.run("pg_dump", "-T", "pgbench_*").splitlines()
             if not line.startswith(("\\restrict", "\\unrestrict"))]  # with a random key
    cluster.run("pg_dump", "-Fc", "-f", os.path.join(cluster.home, "dump"))
    cluster.ask("create database copy;")
    cluster.run("pg_restore", "-d", "copy", "-j", "2", os.path.join(cluster.home, "dump"))
    told.append(cluster.ask("\\c copy\n" + SUMS))
    cluster.stop(signal.SIGINT)
    cluster.run("pg_checksums", "--check")
    log = cluster.read_log()
    bad = [line for line in log.splitlines() if "PANIC" in line or "terminated by signal" in line]
    place.require(not bad, "\n".join(bad))
    return "\n".join(told)


JOBS = {"postgresql": Service(serve, tuple(os.path.join(BIN, tool) for tool in PROGRAMS))}
