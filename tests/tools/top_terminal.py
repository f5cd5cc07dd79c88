# SPDX-License-Identifier: MIT
"""A terminal for the tests of realloc-guard top: a pty, and pyte, which says what a person would see."""

import errno
import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time

import pyte

# Something is wrong then; no test asserts a time.
PATIENCE = 60


class Terminal:
    """Runs a program in a terminal of its own."""

    # pyte knows all that ncurses writes for this one.
    def __init__(self, words, env, columns=120, rows=30, term="linux", cwd=None):
        self.raw = b""
        self.status = None
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            try:
                if cwd:
                    os.chdir(cwd)
                os.execve(words[0], words, {**env, "TERM": term})
            finally:
                os._exit(126)
        self.before = None

    def read(self, seconds=0.1):
        """Takes what has come. Returns whether the terminal is still open."""
        for _ in range(8):
            if not select.select([self.fd], [], [], seconds)[0]:
                break
            try:
                data = os.read(self.fd, 1 << 16)
            except OSError as error:
                if error.errno == errno.EIO:
                    return False
                raise
            self.raw += data
            self.stream.feed(data)
            seconds = 0
        return True

    def text(self):
        return "\n".join(line.rstrip() for line in self.screen.display)

    def wait(self, condition, what):
        """Until the text of the screen fulfils it."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            is_open = self.read()
            if condition(self.text()):
                return self.text()
            if not is_open:
                break
        raise AssertionError(f"never seen: {what}; but:\n{self.text()}\n{self.raw[-500:]!r}")

    def see(self, *phrases):
        return self.wait(lambda text: all(phrase in text for phrase in phrases), phrases)

    def see_no(self, phrase):
        return self.wait(lambda text: phrase not in text, f"no {phrase}")

    def type(self, keys):
        os.write(self.fd, keys.encode())

    def resize(self, columns, rows):
        self.screen.resize(rows, columns)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def is_echoing(self):
        """Whether the terminal is as a shell wants it."""
        flags = termios.tcgetattr(self.fd)[3]
        return bool(flags & termios.ECHO) and bool(flags & termios.ICANON) and bool(flags & termios.ISIG)

    def end(self):
        """Waits for the program; returns its exit status, negative for a signal."""
        end = time.monotonic() + PATIENCE
        while self.status is None and time.monotonic() < end:
            # All that a process has written must be read, or it does not end.
            self.read()
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
        self.read()
        assert self.status is not None, "it does not end:\n" + self.text()
        return self.status

    def close(self):
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)
