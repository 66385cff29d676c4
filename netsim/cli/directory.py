"""Puts a directory of text files in place at once: all of it is there, or none."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import mkdtemp

from netsim.errors import UsageError

MARK = "scenario.yaml"
FIRST_WORDS = "# Imported by "


def check_place(target: Path, replace: bool) -> None:
    """Raises UsageError where something is in the way that is not an earlier import, or must not be replaced."""
    if not os.path.lexists(target) or (target.is_dir() and not target.is_symlink() and not any(target.iterdir())):
        return
    if not _is_import(target):
        raise UsageError(f"{target} is there already and no import of netsim", "Choose another --output")
    if not replace:
        raise UsageError(f"{target} is there already", "Choose another --output, or replace it with --force")


def _is_import(target: Path) -> bool:
    if target.is_symlink() or not target.is_dir():
        return False
    try:
        with (target / MARK).open(encoding="utf-8") as file:
            return file.read(len(FIRST_WORDS)) == FIRST_WORDS
    except (OSError, ValueError):
        return False


def put(target: Path, files: Mapping[str, str]) -> None:
    """Writes the files below ``target``, in the place of an earlier import; OSError leaves everything as it was."""
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(mkdtemp(prefix=".netsim-", dir=target.parent))
    try:
        fresh = scratch / "new"
        for name, content in files.items():
            path = fresh / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8", newline="\n")
        _exchange(fresh, target, scratch / "old")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _exchange(fresh: Path, target: Path, older: Path) -> None:
    if os.path.lexists(target):
        target.rename(older)
    try:
        fresh.rename(target)
    except OSError:
        if older.exists():
            older.rename(target)
        raise
