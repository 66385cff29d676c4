"""The one writer under results/: a directory per run, complete or not there at all."""

import json
import os
import shutil
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from netsim.errors import UsageError
from netsim.report.formats import as_json
from netsim.report.frames import EVENTS, tables
from netsim.report.text import slug

MANIFEST = "manifest.json"


def write(result: Mapping[str, Any], out: Path, plots: bool = True) -> Path:
    """Write a run's directory under ``out`` and return its path.

    The directory is named after the scenario and the digest of all that happened: the same run comes to the
    same place. Raises UsageError where a directory of that name is not netsim's, OSError where writing
    fails; then nothing is left behind.
    """
    target = out / f"{slug(result['scenario'])}-{result['digest'][:12]}"
    _check_ours(target)
    out.mkdir(parents=True, exist_ok=True)
    files = _files(result, plots)
    scratch = Path(mkdtemp(prefix=".netsim-", dir=out))
    try:
        scratch.chmod(0o755)
        for name, content in files.items():
            _write(scratch / name, content)
        _write(scratch / MANIFEST, as_json(_manifest(result, files)).encode())
        _sync(scratch)
        _replace(scratch, target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return target


def _files(result: Mapping[str, Any], plots: bool) -> dict[str, bytes]:
    files = {"result.json": as_json(result).encode()}
    for name, frame in tables(result).items():
        if name in EVENTS and frame.empty:
            continue
        files[f"{name}.csv"] = frame.to_csv(index=False, lineterminator="\n").encode()
    if plots:
        from netsim.report.figures import pictures

        files |= pictures(result)
    return files


def _manifest(result: Mapping[str, Any], files: Mapping[str, bytes]) -> dict[str, object]:
    return {
        "apiVersion": "netsim/v1alpha1",
        "kind": "Run",
        "scenario": result["scenario"],
        "digest": result["digest"],
        "files": {name: sha256(content).hexdigest() for name, content in sorted(files.items())},
    }


def _check_ours(target: Path) -> None:
    """Refuse to replace anything but a run that netsim wrote."""
    if not os.path.lexists(target):
        return
    try:
        known = not target.is_symlink() and json.loads((target / MANIFEST).read_text("utf-8"))["kind"] == "Run"
    except (OSError, ValueError, KeyError, TypeError):
        known = False
    if not known:
        raise UsageError(f"{target} is there already and no run of netsim", "Choose another --out, or move it away")


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _replace(scratch: Path, target: Path) -> None:
    """Put the finished directory in place; rename cannot replace an older one, which is moved aside first."""
    if not target.exists():
        scratch.rename(target)
    else:
        aside = Path(mkdtemp(prefix=".netsim-", dir=target.parent))
        older = aside / "old"
        try:
            target.rename(older)
            scratch.rename(target)
        finally:
            if older.exists() and not target.exists():
                older.rename(target)
            shutil.rmtree(aside, ignore_errors=True)
    _sync(target.parent)
