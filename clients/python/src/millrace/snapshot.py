"""Archives of project folders: the same files make the same bytes, whoever packs them, whenever."""

import gzip
import hashlib
import logging
import os
import pathlib
import tarfile

from millrace.ignore import FILES, Ignored

_logger = logging.getLogger(__name__)

# What no project needs to run, and most folders have.
_NEVER = {".git", ".hg", ".svn", "mlruns", "mlartifacts", "__pycache__", ".DS_Store"}


def members(folder):
    """The relative paths of what belongs to the project in `folder`, with slashes, sorted."""
    root = pathlib.Path(folder)
    ignored = Ignored([])
    for name in FILES:
        if (root / name).is_file():
            ignored = Ignored((root / name).read_text(encoding="utf-8").splitlines())
            break
    found = []
    for parent, folders, files in os.walk(root):
        base = pathlib.Path(parent)
        kept = []
        for name in sorted(folders):
            path = base / name
            relative = path.relative_to(root).as_posix()
            if name in _NEVER or (path / "pyvenv.cfg").is_file() or ignored(relative, True):
                continue
            if path.is_symlink():
                _logger.warning("The link %s to a folder is not part of what is uploaded", relative)
                continue
            kept.append(name)
            found.append(relative)
        # os.walk goes where this list says.
        folders[:] = kept
        for name in files:
            path = base / name
            relative = path.relative_to(root).as_posix()
            if name in _NEVER or ignored(relative, False):
                continue
            if path.is_file():
                found.append(relative)
    return sorted(found)


def pack(folder, out):
    """Writes an archive of the project in `folder` to the binary file `out`, and gives its SHA-256.

    Times, owners and the order of files do not count; whether a file may be executed does. Links to files become files.
    """
    root = pathlib.Path(folder)
    with gzip.GzipFile(filename="", mode="wb", fileobj=out, mtime=0, compresslevel=6) as packed:
        with tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT, dereference=True) as tar:
            for name in members(root):
                path = root / name
                info = tarfile.TarInfo(name)
                if path.is_dir():
                    info.type = tarfile.DIRTYPE
                    info.mode = 0o755
                    tar.addfile(info)
                    continue
                with open(path, "rb") as content:
                    status = os.fstat(content.fileno())
                    info.size = status.st_size
                    info.mode = 0o755 if status.st_mode & 0o100 else 0o644
                    tar.addfile(info, content)
    return digest(out)


def digest(file):
    """The SHA-256 of a binary file, which is left at its start."""
    file.seek(0)
    sha256 = hashlib.sha256()
    while chunk := file.read(1 << 20):
        sha256.update(chunk)
    file.seek(0)
    return sha256.hexdigest()
