"""Runs a program on a terminal of its own, types keys and reads the screen."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

HOME, REST = "\x1b[H", "\x1b[J"
WAIT_SECONDS = 120  # on a busy machine; nothing waits longer than it must
ANY_SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """A terminal and what runs on it."""

    def __init__(self, command, rows, columns, **environment):
        self.master, self.slave = pty.openpty()
        self.resize(rows, columns)
        self.before = termios.tcgetattr(self.slave)
        self.started = time.monotonic()
        self.sent = ""
        self.pid = os.fork()
        if self.pid == 0:
            os.setsid()
            fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)
            for fd in range(3):
                os.dup2(self.slave, fd)
            clean = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
            os.execve(command[0], command, {**clean, "TERM": "xterm", "LC_ALL": "C.UTF-8", **environment})

    def resize(self, rows, columns):
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, keys):
        os.write(self.master, keys.encode())

    def read(self, seconds):
        while select.select([self.master], [], [], seconds)[0]:
            self.sent += os.read(self.master, 65536).decode(errors="replace")
            seconds = 0

    def frame(self):
        """The lines of the last complete screen, without colours."""
        whole = self.sent[: self.sent.rfind(REST)] if REST in self.sent else ""
        picture = whole[whole.rfind(HOME) + len(HOME) :] if HOME in whole else ""
        return [ANY_SEQUENCE.sub("", line).rstrip() for line in picture.split("\r\n")]

    def until(self, what, shown):
        """Reads until the screen is as wanted."""
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            self.read(0.2)
            frame = self.frame()
            result = shown(frame)
            if result:
                print(f"ok: {what}")
                return result
            if os.waitpid(self.pid, os.WNOHANG)[0]:
                self.read(0.1)
                sys.exit(f"it ended before this was seen: {what}\n" + ANY_SEQUENCE.sub("", self.sent))
        sys.exit(f"not seen within {WAIT_SECONDS} s: {what}\n" + "\n".join(self.frame()))

    def ended(self, what):
        """Waits for its end; the terminal must be as it was before."""
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            self.read(0.1)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                break
        else:
            os.kill(self.pid, signal.SIGKILL)
            sys.exit(f"it does not end: {what}")
        self.read(0.1)
        check(os.waitstatus_to_exitcode(status) == 0, f"{what}: exit code {os.waitstatus_to_exitcode(status)}")
        check(termios.tcgetattr(self.slave) == self.before, f"{what}: the terminal's settings are those of before")
        check(self.sent.endswith("\x1b[?25h\x1b[?1049l"), f"{what}: the screen of before and the cursor are back")
        os.close(self.master)
        os.close(self.slave)


def check(condition, what):
    if not condition:
        sys.exit(f"FAILED: {what}")
    print(f"ok: {what}")
