"""What the plugin of clients/python packs, and that it packs the same always. Asks the server nothing."""

import io
import os
import tarfile

import pytest

ignore = pytest.importorskip("millrace.ignore", reason="the plugin of clients/python is not installed")
from millrace import snapshot  # noqa: E402


def write(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def pack(root):
    out = io.BytesIO()
    return snapshot.pack(root, out), out.getvalue()


def test_same_files_make_the_same_bytes(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    files = {"MLproject": "name: x", "src/b.py": "b", "src/a.py": "a", "ä/é.txt": "é", "n" * 150: "long"}
    write(one, files)
    write(two, dict(reversed(files.items())))
    for root, _, names in os.walk(two):
        for name in names:
            os.utime(os.path.join(root, name), (1, 1))
            os.chmod(os.path.join(root, name), 0o640)
    assert pack(one) == pack(two)
    os.chmod(two / "src/a.py", 0o755)
    assert pack(one)[0] != pack(two)[0]


def test_archives_hold_files_and_folders_only(tmp_path):
    write(tmp_path, {"a.py": "a", "sub/b.py": "bb"})
    (tmp_path / "empty").mkdir()
    (tmp_path / "link.py").symlink_to("a.py")
    (tmp_path / "dangling").symlink_to("nothing")
    (tmp_path / "folder").symlink_to("sub")
    with tarfile.open(fileobj=io.BytesIO(pack(tmp_path)[1])) as tar:
        found = {member.name: (member.type, member.size, member.mtime, member.uid, member.uname) for member in tar}
    plain = (0, 0, "")
    assert found == {
        "a.py": (tarfile.REGTYPE, 1, *plain),
        "empty": (tarfile.DIRTYPE, 0, *plain),
        "link.py": (tarfile.REGTYPE, 1, *plain),
        "sub": (tarfile.DIRTYPE, 0, *plain),
        "sub/b.py": (tarfile.REGTYPE, 2, *plain),
    }


def test_what_no_project_needs_is_left_out(tmp_path):
    write(tmp_path, {"a.py": "", ".git/config": "", "mlruns/0/meta.yaml": "", "x/__pycache__/a.pyc": "", "venv/pyvenv.cfg": "", "venv/bin/python": "", ".gitignore": "a.py", ".env": ""})
    assert snapshot.members(tmp_path) == [".env", ".gitignore", "a.py", "x"]


def test_the_first_ignore_file_counts(tmp_path):
    write(tmp_path, {"a.py": "", "b.py": "", "data/x.csv": "", ".amlignore": "b.py\n"})
    assert "b.py" not in snapshot.members(tmp_path)
    write(tmp_path, {".mlflowignore": "# data\ndata/\n"})
    assert snapshot.members(tmp_path) == [".amlignore", ".mlflowignore", "a.py", "b.py"]


@pytest.mark.parametrize(
    "lines, out, kept",
    [
        (["*.csv"], ["a.csv", "d/a.csv"], ["a.csv.py", "csv"]),
        (["/a"], ["a"], ["d/a"]),
        (["d/a"], ["d/a"], ["x/d/a", "a"]),
        (["**/a"], ["a", "x/a", "x/y/a"], ["ab"]),
        (["a/**"], ["a/b", "a/b/c"], ["a", "b/a"]),
        (["a/**/b"], ["a/b", "a/x/b", "a/x/y/b"], ["ab", "a/xb"]),
        (["d/*"], ["d/a", "d/.a"], ["d/a/b"]),
        (["?.py"], ["a.py"], ["ab.py", "/.py"]),
        (["[a-c].py", "[!x]y"], ["b.py", "zy"], ["d.py", "xy"]),
        (["*.csv", "!keep.csv"], ["a.csv"], ["keep.csv"]),
        (["!keep.csv", "*.csv"], ["keep.csv"], []),
        (["", "  ", "# x", "#a"], [], ["# x", "#a"]),
        (["\\#a", "\\!b"], ["#a", "!b"], ["a", "b"]),
        (["a  ", "b\\ "], ["a", "b "], ["b"]),
        (["a.b+(c)"], ["a.b+(c)"], ["axb+(c)"]),
        (["[", "a[b"], [], ["[", "a[b"]),
        (["[]a]x"], ["]x", "ax"], ["bx"]),
        (["a\r"], ["a"], []),
    ],
)
def test_patterns_are_those_of_git(lines, out, kept):
    ignored = ignore.Ignored(lines)
    assert [path for path in out if not ignored(path, False)] == []
    assert [path for path in kept if ignored(path, False)] == []


def test_patterns_for_folders_spare_files():
    ignored = ignore.Ignored(["data/"])
    assert ignored("data", True) and ignored("x/data", True)
    assert not ignored("data", False)
