"""Where runs are put: can anything be written there at all?"""

import errno
import os
from pathlib import Path


def check_writable(out: Path) -> None:
    """Raise OSError before a long run rather than after it; nothing is created."""
    place = next((path for path in (out, *out.absolute().parents) if os.path.lexists(path)), Path("/"))
    if not place.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(place))
    if not os.access(place, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(place))
