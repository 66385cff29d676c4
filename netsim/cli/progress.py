"""Progress on stderr: share done, station visits per second, time left."""

import sys
import time
from collections.abc import Sequence

_EVERY = 0.2  # seconds between two updates on a terminal
_EVERY_LINE = 2.0  # and of lines in a log


class Progress:
    """One line that is rewritten on a terminal; off it, with ``verbose``, a line now and then."""

    def __init__(self, total: int, verbose: bool = False) -> None:
        self.total = max(1, total)
        self.terminal = sys.stderr.isatty()
        self.wanted = self.terminal or verbose
        self.began = self.told = time.monotonic()
        self.shown = 0

    def __call__(self, times: Sequence[int], visits: Sequence[int]) -> None:
        """Tell how far the runs are: simulated ps and visits of each."""
        now = time.monotonic()
        if not self.wanted or now - self.told < (_EVERY if self.terminal else _EVERY_LINE):
            return
        self.told = now
        self._write(self._line(sum(times) / self.total, sum(visits), now - self.began))

    def close(self) -> None:
        """Wipe the line."""
        if self.terminal and self.shown:
            sys.stderr.write("\r" + " " * self.shown + "\r")
            sys.stderr.flush()

    def _line(self, done: float, visits: int, seconds: float) -> str:
        left = f"{seconds * (1 - done) / done:.0f} s left" if done > 0.01 else "estimating"
        return f"{100 * min(done, 1.0):3.0f} %  {visits / max(seconds, 1e-9):,.0f} visits/s  {left}"

    def _write(self, line: str) -> None:
        end = "" if self.terminal else "\n"
        sys.stderr.write(("\r" if self.terminal else "") + line.ljust(self.shown) + end)
        sys.stderr.flush()
        self.shown = max(self.shown, len(line)) if self.terminal else 0
