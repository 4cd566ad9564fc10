"""Files and directories, and the capabilities that they and the environment ask for.

Rules: docs/builtins.md#files.
"""

import os
from pathlib import Path

import pytest

from embed.builtins_support import (
    ALL,
    CategorisedFault,
    Run,
    RuntimeFault,
    Thrown,
    err,
    ok,
    system_problem,
)
from harnlet.runtime import caps
from harnlet.runtime.equality import equals

NOT_FOUND = "No such file or directory (os error 2)"
posix_only = pytest.mark.skipif(os.name != "posix", reason="needs POSIX permissions and links")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty directory, which is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run() -> Run:
    return Run("files")


# --- capabilities -------------------------------------------------------------------------------------

FILES = [
    "read_file",
    "read_file_result",
    "read_file_bytes",
    "read_lines",
    "write_file",
    "append_file",
    "copy_file",
    "move_file",
    "delete_file",
    "file_exists",
    "list_dir",
    "mkdir",
    "stat",
    "walk_dir",
    "glob",
    "temp_dir",
    "cwd",
    "execution_root",
    "source_dir",
    "asset_root",
    "project_root",
    "runtime_paths",
    "path_workspace_info",
    "path_workspace_normalize",
]
ENVIRONMENT = ["env", "env_or", "username", "hostname", "home_dir", "platform", "arch", "pid"]


@pytest.mark.parametrize("name", FILES)
async def test_files_need_their_capability(name: str, place: Path) -> None:
    run = Run("environment", "network", "processes")
    (place / "a").write_text("x")
    told = f"Error [permission_denied]: {name} needs the capability files"
    assert await system_problem(run, name, "a", "b") == (CategorisedFault, told)
    assert (sorted(os.listdir(place)), (place / "a").read_text()) == (["a"], "x")


async def test_writing_bytes_needs_the_capability(place: Path) -> None:
    told = "Error [permission_denied]: write_file_bytes needs the capability files"
    assert await system_problem(Run(), "write_file_bytes", "a", b"x") == (CategorisedFault, told)
    assert os.listdir(place) == []


@pytest.mark.parametrize("name", ENVIRONMENT)
async def test_the_environment_needs_its_capability(name: str) -> None:
    told = f"Error [permission_denied]: {name} needs the capability environment"
    assert await system_problem(Run("files"), name, "PATH") == (CategorisedFault, told)


def test_what_reaches_outside_says_so() -> None:
    assert {ALL[name].effect for name in (*FILES, *ENVIRONMENT, "write_file_bytes")} == {"system"}


# --- reading and writing ------------------------------------------------------------------------------


async def test_texts(place: Path, run: Run) -> None:
    assert await run.system("write_file", "a.txt", "é\r\nx") is None
    assert (place / "a.txt").read_bytes() == b"\xc3\xa9\r\nx"
    assert await run.system("read_file", "a.txt") == "é\r\nx"
    assert await run.system("read_file", str(place / "a.txt")) == "é\r\nx"
    assert await run.system("append_file", "a.txt", [1, None]) is None
    assert await run.system("append_file", "new.txt", "y") is None
    assert await run.system("read_file", "a.txt") == "é\r\nx[1, nil]"
    assert await run.system("read_file", "new.txt") == "y"
    await run.system("write_file", "a.txt", "short")
    assert equals(await run.system("read_file_result", "a.txt"), ok("short"))


async def test_bytes(place: Path, run: Run) -> None:
    assert await run.system("write_file_bytes", "a.bin", b"\x00\xff\r\n") is None
    assert (place / "a.bin").read_bytes() == b"\x00\xff\r\n"
    assert await run.system("read_file_bytes", "a.bin") == b"\x00\xff\r\n"
    told = "write_file_bytes expects bytes content, got string"
    assert await system_problem(run, "write_file_bytes", "b.bin", "x") == (Thrown, told)


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        ("", []),
        ("a", ["a"]),
        ("a\n", ["a"]),
        ("a\r\nb\n\nc", ["a", "b", "", "c"]),
        ("\n", [""]),
        ("a\rb", ["a\rb"]),
    ],
)
async def test_lines(content: str, lines: list[str], place: Path, run: Run) -> None:
    (place / "a").write_bytes(content.encode())
    assert await run.system("read_lines", "a") == lines


async def test_reading_respects_the_cap(place: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "a").write_text("éééé")
    (place / "b").write_text("x" * 30)
    monkeypatch.setattr(caps, "TEXT_LENGTH", 4)
    assert await run.system("read_file", "a") == "éééé"
    for name in ("read_file", "read_file_bytes", "read_lines"):
        assert (await system_problem(run, name, "b"))[0] is RuntimeFault
    monkeypatch.setattr(caps, "TEXT_LENGTH", 3)
    assert (await system_problem(run, "read_file", "a"))[0] is RuntimeFault


@pytest.mark.parametrize(
    ("name", "args", "message"),
    [
        ("read_file", ("no",), "Failed to read file ABS/no: " + NOT_FOUND),
        ("read_file", ("dir",), "Failed to read file ABS/dir: Is a directory (os error 21)"),
        ("read_file", ("latin",), "Failed to read file ABS/latin: stream did not contain valid UTF-8"),
        ("read_file", ("a\0b",), "Failed to read file ABS/a\0b: file name contained an unexpected NUL byte"),
        ("read_file", ("file/x",), "Failed to read file ABS/file/x: Not a directory (os error 20)"),
        ("read_file_bytes", ("no",), "Failed to read file ABS/no: " + NOT_FOUND),
        ("read_lines", ("no",), "read_lines: ABS/no: " + NOT_FOUND),
        ("write_file", ("no/x", "a"), "Failed to write file ABS/no/x: " + NOT_FOUND),
        ("write_file_bytes", ("no/x", b"a"), "Failed to write file ABS/no/x: " + NOT_FOUND),
        ("append_file", ("no/x", "a"), "Failed to open file ABS/no/x: " + NOT_FOUND),
        ("copy_file", ("no", "b"), "Failed to copy ABS/no to ABS/b: " + NOT_FOUND),
        ("move_file", ("no", "b"), "move_file: copy failed: " + NOT_FOUND),
        ("move_file", ("no",), "move_file: src and dst are required"),
        ("move_file", ("", "b"), "move_file: src and dst are required"),
        ("delete_file", ("no",), "Failed to delete file ABS/no: " + NOT_FOUND),
        ("list_dir", ("no",), "Failed to list directory ABS/no: " + NOT_FOUND),
        ("list_dir", ("file",), "Failed to list directory ABS/file: Not a directory (os error 20)"),
        ("mkdir", ("file",), "Failed to create directory ABS/file: File exists (os error 17)"),
        ("stat", ("no",), "Failed to stat ABS/no: " + NOT_FOUND),
        ("walk_dir", (), "walk_dir: root path is required"),
        ("glob", (), "glob: pattern is required"),
        ("glob", ("[",), "glob: unclosed character class; missing ']'"),
    ],
)
@posix_only
async def test_refusals(name: str, args: tuple[object, ...], message: str, place: Path, run: Run) -> None:
    (place / "dir").mkdir()
    (place / "file").write_text("x")
    (place / "latin").write_bytes(b"\xe9")
    assert await system_problem(run, name, *args) == (Thrown, message.replace("ABS", os.getcwd()))
    assert sorted(os.listdir(place)) == ["dir", "file", "latin"]


async def test_a_result_of_reading(place: Path, run: Run) -> None:
    found = await run.system("read_file_result", "no")
    assert equals(found, err(f"Failed to read file {os.path.join(os.getcwd(), 'no')}: {NOT_FOUND}"))


# --- files and directories as a whole -----------------------------------------------------------------


@posix_only
async def test_copy(place: Path, run: Run) -> None:
    (place / "a").write_text("x")
    (place / "a").chmod(0o750)
    assert await run.system("copy_file", "a", "b") is None
    assert ((place / "b").read_text(), (place / "b").stat().st_mode & 0o777) == ("x", 0o750)
    await run.system("copy_file", "a", "./a")
    assert (place / "a").read_text() == "x"


@pytest.mark.parametrize("other_device", [False, True])
async def test_move(place: Path, run: Run, other_device: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if other_device:
        monkeypatch.setattr(os, "replace", refuse_device)
    (place / "a").write_text("x")
    (place / "d" / "e").mkdir(parents=True)
    (place / "d" / "e" / "f").write_text("y")
    await run.system("move_file", "a", "b")
    await run.system("move_file", "d", "g")
    assert below(place) == ["b", "g", "g/e", "g/e/f"]
    assert ((place / "b").read_text(), (place / "g/e/f").read_text()) == ("x", "y")


def below(place: Path) -> list[str]:
    """The names of all that is in a directory."""
    return sorted(str(path.relative_to(place)) for path in place.rglob("*"))


def refuse_device(source: str, target: str) -> None:
    """`os.replace` where the target is on another file system."""
    raise OSError(18, os.strerror(18))


@posix_only
async def test_delete(place: Path, run: Run) -> None:
    (place / "d" / "e").mkdir(parents=True)
    (place / "d" / "e" / "f").write_text("y")
    (place / "link").symlink_to(place / "d")
    (place / "broken").symlink_to(place / "nowhere")
    for name in ("link", "broken"):
        assert await run.system("delete_file", name) is None
    assert (place / "d" / "e" / "f").read_text() == "y"
    await run.system("delete_file", "d/e/f")
    await run.system("delete_file", "d")
    assert os.listdir(place) == []


async def test_directories(place: Path, run: Run) -> None:
    assert await run.system("mkdir", "a/b/c") is None
    assert await run.system("mkdir", "a/b") is None
    (place / "a" / "z").write_text("12345")
    (place / "a" / "B").write_text("")
    assert await run.system("list_dir", "a") == ["B", "b", "z"]
    assert await run.system("list_dir") == ["a"]
    assert [await run.system("file_exists", name) for name in ("a", "a/z", "no", "", "a\0")] == [
        True,
        True,
        False,
        True,
        False,
    ]
    os.utime(place / "a" / "z", (1_000, 1_234.5))
    found = await run.system("stat", "a/z")
    assert found == {"size": 5, "is_file": True, "is_dir": False, "readonly": False, "modified": 1_234.5}
    (place / "a" / "z").chmod(0o444)
    assert (await run.system("stat", "a/z"))["readonly"] is True
    found = await run.system("stat", "a")
    assert (found["is_file"], found["is_dir"], type(found["modified"])) == (False, True, float)


@pytest.fixture
def tree(place: Path) -> Path:
    for name in ("src/a.rs", "src/deep/b.rs", "src/deep/c.txt", "top.rs", ".hidden/d.rs"):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(name)
    return place


async def test_walk(tree: Path, run: Run) -> None:
    root = os.path.join(os.getcwd(), "src")
    assert await run.system("walk_dir", "src") == [
        {"path": root, "is_dir": True, "is_file": False, "depth": 0},
        {"path": f"{root}/a.rs", "is_dir": False, "is_file": True, "depth": 1},
        {"path": f"{root}/deep", "is_dir": True, "is_file": False, "depth": 1},
        {"path": f"{root}/deep/b.rs", "is_dir": False, "is_file": True, "depth": 2},
        {"path": f"{root}/deep/c.txt", "is_dir": False, "is_file": True, "depth": 2},
    ]
    assert len(await run.system("walk_dir", "src", {"max_depth": 1})) == 3
    assert len(await run.system("walk_dir", "src", {"max_depth": 0})) == 1
    assert await run.system("walk_dir", "no") == []


@posix_only
async def test_walk_and_links(tree: Path, run: Run) -> None:
    (tree / "src" / "loop").symlink_to(tree / "src")
    (tree / "src" / "other").symlink_to(tree / ".hidden")
    (tree / "src" / "broken").symlink_to(tree / "nowhere")

    async def names(options: object) -> list[str]:
        found = await run.system("walk_dir", "src", options)
        return [each["path"].removeprefix(os.getcwd() + "/src") for each in found]

    plain = ["", "/a.rs", "/broken", "/deep", "/deep/b.rs", "/deep/c.txt", "/loop", "/other"]
    assert await names(None) == plain
    followed = ["", "/a.rs", "/broken", "/deep", "/deep/b.rs", "/deep/c.txt", "/other", "/other/d.rs"]
    assert await names({"follow_symlinks": True}) == followed


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root reads everything")
async def test_walk_leaves_out_what_cannot_be_read(tree: Path, run: Run) -> None:
    (tree / "src" / "deep").chmod(0)
    try:
        assert len(await run.system("walk_dir", "src")) == 3
    finally:
        (tree / "src" / "deep").chmod(0o755)


@pytest.mark.parametrize(
    ("args", "names"),
    [
        (("*.rs",), [".hidden/d.rs", "src/a.rs", "src/deep/b.rs", "top.rs"]),
        (("src/*",), ["src/a.rs", "src/deep", "src/deep/b.rs", "src/deep/c.txt"]),
        (("*.{txt,md}", "src"), ["src/deep/c.txt"]),
        (("**/b.rs", {"base": "src"}), ["src/deep/b.rs"]),
        (("**/?.rs", "src", {"max_depth": 1}), ["src/a.rs"]),
        (("src",), ["src"]),
        (("nothing",), []),
        (("*", "no"), []),
        (("deep/*", "ABS/src/"), ["src/deep/b.rs", "src/deep/c.txt"]),
    ],
)
async def test_glob(args: tuple[object, ...], names: list[str], tree: Path, run: Run) -> None:
    given = [arg.replace("ABS", os.getcwd()) if isinstance(arg, str) else arg for arg in args]
    assert await run.system("glob", *given) == [os.path.join(os.getcwd(), name) for name in names]


async def test_temp_dir(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", "/some/where")
    monkeypatch.setenv("TMP", "/some/where")
    assert await run.system("temp_dir") == "/some/where"
    monkeypatch.setenv("TMPDIR", "")
    if os.name == "posix":
        assert await run.system("temp_dir") == "/tmp"


# --- workspaces ---------------------------------------------------------------------------------------


def told(
    kind: str, normalized: str, workspace: object = None, host: object = None, **more: object
) -> dict[str, object]:
    """What `path_workspace_info` says, without the input."""
    plain: dict[str, object] = {"recovered_root_drift": False, "reason": None, **more}
    return {"kind": kind, "normalized": normalized, "workspace_path": workspace, "host_path": host, **plain}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("src/./a.rs", told("workspace_relative", "src/a.rs", "src/a.rs", "ABS/src/a.rs")),
        (".", told("workspace_relative", ".", ".", "ABS")),
        (r"src\new", told("workspace_relative", "src/new", "src/new", "ABS/src/new")),
        ("a/../../x", told("invalid", "../x", reason="workspace-relative path escapes the workspace root")),
        ("", told("invalid", "", reason="path is empty")),
        ("  ", told("invalid", "", reason="path is empty")),
        ("ABS/src/a.rs", told("host_absolute", "ABS/src/a.rs", "src/a.rs", "ABS/src/a.rs")),
        ("ABS", told("host_absolute", "ABS", ".", "ABS")),
        ("/", told("host_absolute", "/", None, "/")),
        ("/no/where", told("host_absolute", "/no/where", None, "/no/where")),
        (
            "/old/src/a.rs",
            told("workspace_relative", "src/a.rs", "src/a.rs", "ABS/src/a.rs", recovered_root_drift=True),
        ),
        (
            "/old/src/new.rs",
            told(
                "workspace_relative", "src/new.rs", "src/new.rs", "ABS/src/new.rs", recovered_root_drift=True
            ),
        ),
    ],
)
@posix_only
async def test_workspace(path: str, expected: dict[str, object], tree: Path, run: Run) -> None:
    here = os.getcwd()
    given = path.replace("ABS", here)
    wanted = {
        key: value.replace("ABS", here) if isinstance(value, str) else value
        for key, value in expected.items()
    }
    assert await run.system("path_workspace_info", given, here) == {"input": given, **wanted}
    assert await run.system("path_workspace_info", given) == {"input": given, **wanted}
    assert await run.system("path_workspace_normalize", given) == wanted["workspace_path"]
