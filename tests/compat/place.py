# SPDX-License-Identifier: MIT
"""Where one run of a job happens: its folder, and the guard or none. Starts the programs, stops whatever
is left of them, and finds what the guard and the witness have noted meanwhile."""

import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import guarded  # noqa: E402
from processes import children_of  # noqa: E402

PR_SET_CHILD_SUBREAPER = 36
# The longest that a program or a state is waited for. Reached only where something is broken.
PATIENCE = 900
STATE_PATIENCE = 300
END_PATIENCE = 10
POLL_SECONDS = 0.02


class Trouble(Exception):
    """Something is not as it must be, in any run."""


def adopt_orphans():
    """From here on, a process that loses its parent becomes this one's child, and can be found; and a
    SIGTERM leads through what must be done at the end."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))


def descendants_of(pid):
    return [found for child in children_of(pid) for found in [child, *descendants_of(child)]]


def read_proc(pid, name):
    try:
        with open(f"/proc/{pid}/{name}", encoding="utf-8", errors="replace") as text:
            return text.read()
    except OSError:
        return ""


def reap(pid, options=0):
    try:
        os.waitpid(pid, options)
    except ChildProcessError:
        pass


def wait_all_children():
    """Waits until nothing descends from this process: what outlives its parent is to end soon."""
    end = time.monotonic() + END_PATIENCE
    while (children := children_of(os.getpid())) and time.monotonic() < end:
        for pid in children:
            reap(pid, os.WNOHANG)
        time.sleep(POLL_SECONDS)


def end_all_children():
    """Kills what descends from this process; returns the names of those that were still running."""
    names = []
    while children := children_of(os.getpid()):
        for pid in descendants_of(os.getpid()):
            if "State:\tZ" not in read_proc(pid, "status"):
                names.append(read_proc(pid, "comm").strip())
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        for pid in children:
            reap(pid)
    return names


class Place:
    """top is a folder of this object's own, which it fills anew."""

    def __init__(self, top, guard=None):
        shutil.rmtree(top, ignore_errors=True)
        self.folder = os.path.join(top, "job")
        self.logs = os.path.join(top, "logs")
        self.notes = os.path.join(top, "notes", "witness")
        for folder in (top, self.folder, self.logs, os.path.dirname(self.notes)):
            os.makedirs(folder, exist_ok=True)
        # A server may have given up its privileges by the time it reports.
        os.chmod(top, 0o755)
        os.chmod(self.logs, 0o777)
        with open(self.notes, "w", encoding="utf-8"):
            os.chmod(self.notes, 0o666)
        self.guard = guard and guarded.Guard(
            guard.library, guard.witness, f"{guard.options}:log_path={self.logs}/%p.log")

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def make_folder(self, *names, user=None):
        path = self.path(*names)
        os.makedirs(path)
        if user:
            entry = pwd.getpwnam(user)
            os.chown(path, entry.pw_uid, entry.pw_gid)
        return path

    def options_of(self, user, env, cwd):
        """What subprocess is told for every program."""
        env = dict(guarded.clean_env(), HOME=self.folder, TMPDIR=self.folder, **(env or {}))
        env.update(guarded.preload_env(self.guard, self.notes))
        options = {"cwd": cwd or self.folder, "env": env, "preexec_fn": guarded.drop_core_files}
        if user:
            entry = pwd.getpwnam(user)
            options.update(user=entry.pw_uid, group=entry.pw_gid, extra_groups=[])
        return options

    def run(self, argv, stdin=b"", user=None, env=None, cwd=None):
        """Runs a program to its end, which must be good; returns its standard output."""
        try:
            done = subprocess.run(argv, input=stdin, capture_output=True, timeout=PATIENCE,
                                  **self.options_of(user, env, cwd))
        except subprocess.TimeoutExpired as stuck:
            raise Trouble(f"{argv} does not end; so far: {stuck.stdout} {stuck.stderr}") from stuck
        if done.returncode != 0:
            said = (done.stdout + done.stderr).decode(errors="replace")
            raise Trouble(f"{argv} ended with status {done.returncode}: {said[-4000:]}")
        return done.stdout.decode(errors="replace")

    def start(self, argv, output, user=None, env=None, cwd=None):
        """Starts a program whose output goes to the end of a file; returns the Popen."""
        with open(self.path(output), "ab") as out:
            return subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                    **self.options_of(user, env, cwd))

    def wait_end(self, process, status=0):
        """Waits until a started program ends, as it must."""
        try:
            ended = process.wait(PATIENCE)
        except subprocess.TimeoutExpired as stuck:
            raise Trouble(f"{process.args} does not end") from stuck
        self.require(ended == status, f"{process.args} ended with status {ended}")

    def wait_until(self, holds, what):
        """Waits until holds() is true; returns its value. Use it for states that nothing announces."""
        end = time.monotonic() + STATE_PATIENCE
        while not (value := holds()):
            self.require(time.monotonic() < end, f"waited in vain until {what}")
            time.sleep(POLL_SECONDS)
        return value

    @staticmethod
    def require(condition, otherwise):
        if not condition:
            raise Trouble(otherwise)

    def require_guard_in(self, pid):
        """Every process from pid on must have the guard mapped."""
        if not self.guard:
            return
        for process in [pid, *descendants_of(pid)]:
            maps = read_proc(process, "maps")
            self.require(self.guard.library in maps or not maps,
                         f"process {process} ({read_proc(process, 'comm').strip()}) has no guard")

    def read_notes(self, result):
        guarded.read_notes(result, self.notes)

    def read_logs(self):
        """What the guard has said in any process: name of the log -> text."""
        logs = {}
        for name in sorted(os.listdir(self.logs)):
            with open(os.path.join(self.logs, name), encoding="utf-8", errors="replace") as log:
                logs[name] = log.read()
        return logs

    def read_server_logs(self):
        """The ends of the logs that servers have left in the folder."""
        texts = []
        for name in sorted(os.listdir(self.folder)):
            if name.endswith(".log"):
                with open(self.path(name), encoding="utf-8", errors="replace") as log:
                    texts.append(f"--- {name}\n{log.read()[-3000:]}")
        return "\n".join(texts)


def free_port():
    """A port of the loopback interface that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
