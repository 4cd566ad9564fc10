"""The code cache: what is kept, what is believed, and what happens when something is wrong with it
(docs/embedding.md#the-code-cache)."""

import os
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harnlet import CodeCache, Interpreter, Program, SourceError
from harnlet.cli.main import main
from harnlet.modules import code_cache, compiling, private_folder
from harnlet.modules.unit import Compiled, Unit

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [ROOT / "interpreter", ROOT / "builtins", ROOT / "plugins"]
PROGRAM = "fn double(n) { return n * 2 }\nreturn double(21)\n"

pytestmark = pytest.mark.skipif(not private_folder.SUPPORTED, reason="needs file ownership")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the units that are compiled, and not taken from a cache."""
    names: list[str] = []
    real: Callable[..., Compiled] = compiling.compile_unit

    def spy(unit: Unit, *arguments: object, **named: object) -> Compiled:
        names.append(Path(unit.filename).name)
        return real(unit, *arguments, **named)

    monkeypatch.setattr(compiling, "compile_unit", spy)
    return names


def run(folder: Path, text: str = PROGRAM, filename: str = "program.harn") -> object:
    """Run a program in an interpreter of its own that uses the cache in `folder`."""
    harn = Interpreter(code_cache=CodeCache(folder))
    return harn.run_sync(harn.compile(text, filename))


def the_entry(folder: Path) -> Path:
    (entry,) = folder.iterdir()
    return entry


# --- what is kept ----------------------------------------------------------------------------------


def test_a_second_interpreter_does_not_compile(folder: Path, compiled: list[str]) -> None:
    assert [run(folder), run(folder)] == [42, 42]
    assert compiled == ["program.harn"]


def test_nothing_is_kept_without_being_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("HARNLET_CACHE")
    assert Interpreter().run_sync(PROGRAM) == 42
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("chapter", sorted(path.name for path in (ROOT / "tests/spec").iterdir() if path.is_dir()))
def test_what_is_read_is_what_was_written(chapter: str, folder: Path) -> None:
    """Each field of each program of the specification tests."""
    first, second = (Interpreter(code_cache=CodeCache(folder), capabilities="all") for _ in range(2))
    programs = 0
    for file in sorted((ROOT / "tests/spec" / chapter).rglob("*.harn"))[:12]:
        for text in file.read_text(encoding="utf-8").split("\n---\n")[:8]:
            try:
                written = first.compile(text, str(file))
            except SourceError:
                continue
            read = second.compile(text, str(file))
            for field in fields(Program):
                if field.name != "modules":
                    assert getattr(read, field.name) == getattr(written, field.name), (file, field.name)
            assert set(read.modules) == set(written.modules)
            programs += 1
    assert programs


def test_warnings_are_shown_again(folder: Path) -> None:
    text = "let x = 1\ntry { x = 2 } catch e { }\n"
    seen = [Interpreter(code_cache=CodeCache(folder)).compile(text).diagnostics for _ in range(2)]
    assert [each.code for each in seen[0]] == ["HRN-0102"]
    assert seen[1] == seen[0]


def test_a_source_with_errors_is_not_kept(folder: Path) -> None:
    for _ in range(2):
        with pytest.raises(SourceError) as raised:
            run(folder, "let = 1\n")
        assert [each.code for each in raised.value.diagnostics] == ["HRN-0001"]
    assert not folder.exists()


# --- what counts -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "filename"),
    [(PROGRAM + "\n", "program.harn"), (PROGRAM.replace("21", "20"), "program.harn"), (PROGRAM, "other.harn")],
)
def test_another_source_is_another_program(folder: Path, compiled: list[str], text: str, filename: str) -> None:
    run(folder)
    assert run(folder, text, filename) == (40 if "20" in text else 42)
    assert len(compiled) == 2


def test_options_and_builtins_are_part_of_it(folder: Path, compiled: list[str]) -> None:
    run(folder)
    cache = CodeCache(folder)
    Interpreter(code_cache=cache).compile(PROGRAM, "program.harn", optimise=False)
    Interpreter(code_cache=cache, plugins=["harnlet_builtins"]).compile(PROGRAM, "program.harn")
    Interpreter(code_cache=cache).compile(PROGRAM, "program.harn", inline=True)
    assert len(compiled) == 4


@pytest.mark.parametrize("what", ["__version__", "MAGIC_NUMBER", "_FORMAT"])
def test_another_version_is_another_program(
    folder: Path, compiled: list[str], monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    run(folder)
    monkeypatch.setattr(code_cache, what, "another")
    assert run(folder) == 42
    assert len(compiled) == 2


def test_a_changed_compiler_makes_other_programs(
    folder: Path, compiled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(folder)
    real = code_cache._compiler_files
    monkeypatch.setattr(code_cache, "_compiler_files", lambda: [*real(), ("new.py", 1, 1)])
    run(folder)
    assert len(compiled) == 2


def test_an_entry_of_another_program_is_not_believed(folder: Path, compiled: list[str]) -> None:
    """Even if it is found under the right name, and is whole."""
    run(folder)
    mine = the_entry(folder)
    run(folder, "return 1", "other.harn")
    (other,) = set(folder.iterdir()) - {mine}
    shutil.copyfile(other, mine)
    assert run(folder) == 42
    assert len(compiled) == 3


# --- modules ---------------------------------------------------------------------------------------


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "price.harn").write_text("pub fn price() { return 5 }\n")
    (tmp_path / "stock.harn").write_text('import "price"\npub fn worth(n) { return n * price() }\n')
    (tmp_path / "shop.harn").write_text('import "stock"\nreturn worth(3)\n')
    return tmp_path


def run_shop(shop: Path) -> object:
    return run(shop / "cache", (shop / "shop.harn").read_text(), str(shop / "shop.harn"))


def test_modules_are_kept_too(shop: Path, compiled: list[str]) -> None:
    assert [run_shop(shop), run_shop(shop)] == [15, 15]
    assert sorted(compiled) == ["price.harn", "shop.harn", "stock.harn"]


def test_a_changed_module_is_compiled_and_nothing_else(shop: Path, compiled: list[str]) -> None:
    run_shop(shop)
    del compiled[:]
    (shop / "price.harn").write_text("pub fn price() { return 7 }\n")
    assert run_shop(shop) == 21
    assert compiled == ["price.harn"]


def test_importers_are_compiled_again_when_a_module_exports_something_else(shop: Path, compiled: list[str]) -> None:
    run_shop(shop)
    del compiled[:]
    (shop / "price.harn").write_text("pub fn price() { return 7 }\npub fn tax() { return 1 }\n")
    assert run_shop(shop) == 21
    assert sorted(compiled) == ["price.harn", "stock.harn"]


def test_a_module_that_is_gone_is_an_error_as_before(shop: Path) -> None:
    run_shop(shop)
    (shop / "price.harn").unlink()
    with pytest.raises(SourceError, match="cannot read 'price'"):
        run_shop(shop)


def test_a_module_that_another_file_hides_is_not_used(shop: Path) -> None:
    run_shop(shop)
    (shop / "price").write_text("pub fn price() { return 100 }\n")
    assert run_shop(shop) == 300


def test_modules_in_a_circle(tmp_path: Path, compiled: list[str]) -> None:
    (tmp_path / "even.harn").write_text('import "odd"\npub fn even(n) { return n == 0 ? true : odd(n - 1) }\n')
    (tmp_path / "odd.harn").write_text('import "even"\npub fn odd(n) { return n == 0 ? false : even(n - 1) }\n')
    (tmp_path / "main.harn").write_text('import "even"\nreturn even(10)\n')
    text = (tmp_path / "main.harn").read_text()
    for _ in range(2):
        assert run(tmp_path / "cache", text, str(tmp_path / "main.harn")) is True
    assert sorted(compiled) == ["even.harn", "main.harn", "odd.harn"]


# --- what is not trusted ---------------------------------------------------------------------------


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(where=st.floats(0, 1, exclude_max=True), kind=st.sampled_from(["flip", "cut", "grow", "empty"]))
def test_a_damaged_entry_is_ignored_and_replaced(
    tmp_path: Path, compiled: list[str], where: float, kind: str
) -> None:
    folder = tmp_path / "damaged"
    shutil.rmtree(folder, ignore_errors=True)
    run(folder)
    entry = the_entry(folder)
    whole = entry.read_bytes()
    place = int(len(whole) * where)
    damaged = {
        "flip": whole[:place] + bytes([whole[place] ^ 0x41]) + whole[place + 1 :],
        "cut": whole[:place],
        "grow": whole + b"\0" * (place + 1),
        "empty": b"",
    }[kind]
    entry.write_bytes(damaged)
    assert not_used(folder, compiled)
    assert not not_used(folder, compiled)


def not_used(folder: Path, compiled: list[str]) -> bool:
    """Whether a program is compiled although the cache has it, and runs all the same."""
    before = len(compiled)
    assert run(folder) == 42
    return len(compiled) == before + 1


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o701, 0o777])
def test_a_folder_that_is_open_to_others_is_not_used(folder: Path, compiled: list[str], mode: int) -> None:
    run(folder)
    folder.chmod(mode)
    assert not_used(folder, compiled)
    folder.chmod(0o700)
    assert not not_used(folder, compiled)


def test_an_entry_that_is_open_to_others_is_replaced(folder: Path, compiled: list[str]) -> None:
    run(folder)
    the_entry(folder).chmod(0o644)
    assert not_used(folder, compiled)
    assert stat.S_IMODE(the_entry(folder).stat().st_mode) == 0o600
    assert not not_used(folder, compiled)


def test_what_belongs_to_another_user_is_not_used(
    folder: Path, compiled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(folder)
    mine = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: mine + 1)
    assert not_used(folder, compiled)


def test_a_link_in_place_of_the_folder_is_not_used(folder: Path, tmp_path: Path, compiled: list[str]) -> None:
    run(folder)
    link = tmp_path / "link"
    link.symlink_to(folder, target_is_directory=True)
    assert not_used(link, compiled)


def test_a_link_in_place_of_an_entry_is_replaced(folder: Path, tmp_path: Path, compiled: list[str]) -> None:
    run(folder)
    entry = the_entry(folder)
    elsewhere = tmp_path / "elsewhere"
    entry.rename(elsewhere)
    entry.symlink_to(elsewhere)
    assert not_used(folder, compiled)
    assert not entry.is_symlink()


def test_a_pipe_in_place_of_an_entry_does_not_block(folder: Path, compiled: list[str]) -> None:
    run(folder)
    entry = the_entry(folder)
    entry.unlink()
    os.mkfifo(entry, 0o600)
    assert not_used(folder, compiled)


def test_folder_and_entries_are_closed_to_others(folder: Path) -> None:
    before = os.umask(0)
    try:
        run(folder)
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(the_entry(folder).stat().st_mode) == 0o600


@pytest.mark.parametrize("where", ["/proc/self", "/proc/no/such", "a file"])
def test_a_place_that_cannot_be_written_is_no_error(tmp_path: Path, compiled: list[str], where: str) -> None:
    (tmp_path / "a file").write_text("")
    for _ in range(2):
        assert run(tmp_path / where) == 42
    assert len(compiled) == 2


def test_a_folder_that_cannot_be_written_is_still_read(folder: Path, compiled: list[str]) -> None:
    run(folder)
    folder.chmod(0o500)
    assert not not_used(folder, compiled)
    assert run(folder, "return 1") == 1
    folder.chmod(0o700)


# --- size ------------------------------------------------------------------------------------------


def test_the_oldest_entries_go_when_there_are_too_many(folder: Path, compiled: list[str]) -> None:
    run(folder)
    size = the_entry(folder).stat().st_size
    harn = Interpreter(code_cache=CodeCache(folder, most_bytes=size * 10))
    for number in range(30):
        for entry in folder.iterdir():
            os.utime(entry, (entry.stat().st_atime - 10, entry.stat().st_mtime - 10))
        harn.compile(PROGRAM, f"program{number}.harn")
    assert 4 <= len(list(folder.iterdir())) <= 10
    del compiled[:]
    harn.compile(PROGRAM, "program29.harn")
    assert compiled == []
    harn.compile(PROGRAM, "program0.harn")
    assert compiled == ["program0.harn"]


def test_what_a_killed_process_left_behind_is_removed(folder: Path) -> None:
    run(folder)
    left = [folder / ".one.1", folder / ".two.2"]
    for path in left:
        path.write_bytes(b"half")
    os.utime(left[0], (time.time() - 7200,) * 2)
    run(folder, "return 1")
    assert [path.exists() for path in left] == [False, True]


# --- the command line ------------------------------------------------------------------------------


def command(folder: Path, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "harnlet", "run", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, SOURCES)), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_processes_that_write_the_same_entry_at_once(tmp_path: Path) -> None:
    (tmp_path / "demo.harn").write_text('let x = 1\nprintln("hello")\n')
    cache = tmp_path / "cache"
    running = [command(tmp_path, "demo.harn", HARNLET_CACHE=str(cache)) for _ in range(6)]
    assert [process.communicate(timeout=50) for process in running] == [("hello\n", "")] * 6
    assert not the_entry(cache).name.startswith(".")


def test_the_user_has_a_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HARNLET_CACHE")
    (tmp_path / "demo.harn").write_text('println("hello")\n')
    environment = {"HOME": str(tmp_path), "XDG_CACHE_HOME": ""}
    process = command(tmp_path, "demo.harn", **environment)
    assert process.communicate(timeout=50) == ("hello\n", "")
    assert the_entry(tmp_path / ".cache" / "harnlet" / "code").is_file()


def test_the_cache_can_be_moved_and_turned_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    depth = sys.getrecursionlimit()
    (tmp_path / "demo.harn").write_text("let x = 1\ntry { x = 2 } catch e { println(e) }\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HARNLET_CACHE", "off")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    shown = []
    try:
        for setting, *arguments in (["off"], ["here", "--no-cache"], ["here"], ["here"]):
            monkeypatch.setenv("HARNLET_CACHE", setting if setting == "off" else str(tmp_path / setting))
            with pytest.raises(SystemExit):
                main(["run", *arguments, "demo.harn"])
            assert (tmp_path / "here").exists() is (setting == "here" and not arguments)
            shown.append(capsys.readouterr())
    finally:
        sys.setrecursionlimit(depth)
    assert not (tmp_path / "xdg").exists()
    assert "warning: Cannot assign to 'x'" in shown[0].err
    assert shown == [shown[0]] * 4
