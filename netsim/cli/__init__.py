"""The command netsim: one file per verb, errors as sentences, exit codes as documented."""

import errno
import os
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from netsim import __version__
from netsim.errors import BAD_INPUT, INTERNAL, INTERRUPTED, OK, InputError, clean

TERMINATED = 128 + signal.SIGTERM


def main() -> None:
    """Run the command line and end the process with its exit code."""
    if sys.argv[1:] == ["--version"]:
        # Before typer is imported: scripts that ask for the version should not wait.
        sys.exit(_guarded(lambda: _say(f"netsim {__version__}")))
    before = signal.signal(signal.SIGTERM, _terminate)
    try:
        sys.exit(_guarded(lambda: _run(sys.argv[1:])))
    finally:
        signal.signal(signal.SIGTERM, before)


def _terminate(number: int, frame: FrameType | None) -> None:
    """Unwind as Ctrl-C does, so that nothing half done is left behind."""
    raise SystemExit(TERMINATED)


def _run(arguments: list[str]) -> int:
    from netsim.cli.verbs import command

    try:
        result = command().main(arguments or ["--help"], prog_name="netsim", standalone_mode=False)
    except RuntimeError as error:
        if type(error).__name__ != "Abort":
            raise
        raise KeyboardInterrupt from None
    except Exception as error:
        # typer 0.15 raises click's exceptions, 0.29 its own; both can say what is wrong with a command line.
        if not hasattr(error, "format_message"):
            raise
        context: Any = getattr(error, "ctx", None)
        verb = context.command_path if context else "netsim"
        return _complain(_worded(error.format_message()), BAD_INPUT, f"See '{verb} --help'")
    if result == INTERRUPTED:
        raise KeyboardInterrupt
    sys.stdout.flush()
    return result if isinstance(result, int) else OK


def _worded(message: str) -> str:
    """What typer says of an option, without the words of the validator inside it."""
    return message.replace("Value error, ", "").replace("Input should be", "it should be")


def _say(text: str) -> int:
    print(text, flush=True)
    return OK


def _guarded(act: Callable[[], int]) -> int:
    """The exit code of ``act``; whatever it raises becomes one sentence, never a traceback."""
    try:
        return act()
    except InputError as error:
        return _complain(str(error), error.exit_code)
    except KeyboardInterrupt:
        return _complain("interrupted", INTERRUPTED)
    except SystemExit as error:
        if error.code != TERMINATED:
            raise
        return _complain("terminated", TERMINATED)
    except OSError as error:
        from netsim.cli.output import close_stdout

        close_stdout()
        return OK if isinstance(error, BrokenPipeError) else _complain(_disk(error), INTERNAL)
    except Exception as error:
        return _internal(error)


def _internal(error: Exception) -> int:
    from netsim.experiment.task import LawBrokenError

    if isinstance(error, LawBrokenError):
        return _complain(str(error), INTERNAL)
    if os.environ.get("NETSIM_TRACEBACK"):
        traceback.print_exception(error)
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(frame.filename).name}:{frame.lineno}"
    told = f"internal error in {place}: {type(error).__name__}: {error}"
    return _complain(told, INTERNAL, "NETSIM_TRACEBACK=1 shows where it came from")


def _complain(message: str, code: int, hint: str = "") -> int:
    lines = [clean(line) for line in message.splitlines()] or [""]
    lines[-1] += f". {hint}." if hint and not lines[-1].endswith((".", "?", "!")) else f" {hint}." if hint else ""
    print("\n".join(["netsim: " + lines[0], *lines[1:]]), file=sys.stderr)
    return code


def _disk(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    why = error.strerror or str(error)
    return f"cannot write: {where}{why}" if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO) else f"{where}{why}"
