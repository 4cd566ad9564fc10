"""Where the path of an import leads: files, packages, limits (docs/language.md#import-paths)."""

from pathlib import Path

import pytest

from embed.modules_support import failure, run
from harnlet import HarnletError, Interpreter

# --- paths -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["lib", "lib.harn", "./lib", "./lib.harn"])
async def test_a_path_starts_at_the_importing_file(tmp_path: Path, path: str) -> None:
    files = {"lib.harn": 'pub fn f() { return "lib" }', "main.harn": f'import "{path}"\nprintln(f())'}
    assert await run(tmp_path, files) == ["lib"]


async def test_a_path_as_written_goes_before_one_with_the_suffix(tmp_path: Path) -> None:
    files = {
        "lib": 'pub fn f() { return "as written" }',
        "lib.harn": 'pub fn f() { return "with suffix" }',
        "main.harn": 'import "lib"\nprintln(f())',
    }
    assert await run(tmp_path, files) == ["as written"]


async def test_a_path_with_a_suffix_gets_no_other(tmp_path: Path) -> None:
    files = {"lib.x.harn": "pub fn f() { return 1 }", "main.harn": 'import "lib.x"\nprintln(f())'}
    assert "Import error: cannot read 'lib.x'" in str(await failure(tmp_path, files))


async def test_modules_import_relative_to_themselves(tmp_path: Path) -> None:
    files = {
        "sub/a.harn": 'import "b"\npub fn a() { return "a with " + b() }',
        "sub/b.harn": 'import "../c"\npub fn b() { return "b with " + c() }',
        "c.harn": 'pub fn c() { return "c" }',
        "main.harn": 'import "sub/a"\nprintln(a())',
    }
    assert await run(tmp_path, files) == ["a with b with c"]


async def test_a_missing_file_is_an_error_at_the_import(tmp_path: Path) -> None:
    error = await failure(tmp_path, {"main.harn": 'println("never")\nimport "missing"'})
    assert str(error) == "Import error: cannot read 'missing': No such file or directory"
    assert error.code == "HRN-0402"
    [problem] = error.diagnostics
    assert (problem.line, problem.column, problem.end_column) == (2, 1, 17)


async def test_an_unknown_standard_module_is_an_error(tmp_path: Path) -> None:
    error = await failure(tmp_path, {"main.harn": 'import "std/no_such_module"'})
    assert str(error) == "Unknown stdlib module: std/no_such_module"


async def test_a_module_that_does_not_parse(tmp_path: Path) -> None:
    files = {"bad.harn": "\nlet = 5\n", "main.harn": 'import "bad"\nprintln("never")'}
    error = await failure(tmp_path, files)
    assert str(error) == "Import parse error: Expected variable name, got = at 2:5"
    # The place is that in the module, so that its author finds it.
    [problem] = error.diagnostics
    assert (Path(problem.filename).name, problem.line, problem.column) == ("bad.harn", 2, 5)


async def test_a_module_that_does_not_lex(tmp_path: Path) -> None:
    files = {"bad.harn": 'let x = "open\n', "main.harn": 'import "bad"\nprintln("never")'}
    assert str(await failure(tmp_path, files)) == "Import lex error: Unterminated string at 1:9"


async def test_a_module_with_an_undefined_call(tmp_path: Path) -> None:
    files = {
        "bad.harn": "pub fn f() { return no_such_function_here() }",
        "main.harn": 'import "bad"\nprintln("never")',
    }
    error = await failure(tmp_path, files)
    assert "call target `no_such_function_here` is not defined or imported" in error.render()
    assert "bad.harn:1:21" in error.render()


# --- packages --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "path"),
    [
        ("tool.harn", "tool"),
        ("tool/lib.harn", "tool"),
        ("tool/extra.harn", "tool/extra"),
        ("tool/extra.harn", "tool/extra.harn"),
    ],
)
async def test_packages(tmp_path: Path, file: str, path: str) -> None:
    files = {
        f".harn/packages/{file}": 'pub fn f() { return "package" }',
        "main.harn": f'import "{path}"\nprintln(f())',
    }
    assert await run(tmp_path, files) == ["package"]


async def test_packages_are_looked_for_in_the_folders_above(tmp_path: Path) -> None:
    files = {
        ".harn/packages/tool.harn": 'pub fn f() { return "above" }',
        "src/deep/main.harn": 'import "tool"\nprintln(f())',
    }
    assert await run(tmp_path, files, "src/deep/main.harn") == ["above"]


async def test_the_nearest_package_folder_wins(tmp_path: Path) -> None:
    files = {
        ".harn/packages/tool.harn": 'pub fn f() { return "far" }',
        "src/.harn/packages/tool.harn": 'pub fn f() { return "near" }',
        "src/main.harn": 'import "tool"\nprintln(f())',
    }
    assert await run(tmp_path, files, "src/main.harn") == ["near"]


async def test_the_walk_stops_at_a_repository(tmp_path: Path) -> None:
    files = {
        ".harn/packages/tool.harn": 'pub fn f() { return "outside" }',
        "project/.git/HEAD": "",
        "project/src/main.harn": 'import "tool"\nprintln(f())',
    }
    assert "cannot read 'tool'" in str(await failure(tmp_path, files, "project/src/main.harn"))


async def test_the_folder_of_the_repository_itself_is_still_searched(tmp_path: Path) -> None:
    files = {
        "project/.harn/packages/tool.harn": 'pub fn f() { return "inside" }',
        "project/.git/HEAD": "",
        "project/src/main.harn": 'import "tool"\nprintln(f())',
    }
    assert await run(tmp_path, files, "project/src/main.harn") == ["inside"]


async def test_a_file_beside_the_importer_goes_before_a_package(tmp_path: Path) -> None:
    files = {
        ".harn/packages/tool.harn": 'pub fn f() { return "package" }',
        "tool.harn": 'pub fn f() { return "beside" }',
        "main.harn": 'import "tool"\nprintln(f())',
    }
    assert await run(tmp_path, files) == ["beside"]


async def test_exports_of_a_package(tmp_path: Path) -> None:
    files = {
        ".harn/packages/tool/harn.toml": '[exports]\nmath = "src/math.harn"\n"deep/name" = "src/deep.harn"\n',
        ".harn/packages/tool/src/math.harn": 'pub fn f() { return "math" }',
        ".harn/packages/tool/src/deep.harn": 'pub fn g() { return "deep" }',
        "main.harn": 'import "tool/math"\nimport "tool/deep/name"\nprintln(f() + g())',
    }
    assert await run(tmp_path, files) == ["mathdeep"]


async def test_a_package_cannot_reach_out_of_itself(tmp_path: Path) -> None:
    files = {
        ".harn/packages/tool/harn.toml": '[exports]\nsecret = "../../../secret.harn"\n',
        "secret.harn": 'pub fn f() { return "secret" }',
        "main.harn": 'import "tool/secret"\nprintln(f())',
    }
    assert "cannot read 'tool/secret'" in str(await failure(tmp_path, files))


async def test_a_package_path_cannot_climb(tmp_path: Path) -> None:
    files = {
        ".harn/packages/tool.harn": "pub fn f() { return 1 }",
        ".harn/other.harn": "pub fn f() { return 2 }",
        "main.harn": 'import "tool/../../other"\nprintln(f())',
    }
    assert "cannot read" in str(await failure(tmp_path, files))


async def test_a_link_out_of_the_package_folder_is_refused(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "lib.harn").write_text("pub fn f() { return 1 }", encoding="utf-8")
    packages = tmp_path / "project" / ".harn" / "packages"
    packages.mkdir(parents=True)
    try:
        (packages / "tool").symlink_to(outside)
    except OSError:
        pytest.skip("this system makes no symbolic links")
    files = {"main.harn": 'import "tool"\nprintln(f())'}
    assert "cannot read 'tool'" in str(await failure(tmp_path / "project", files))


# --- errors and limits -----------------------------------------------------------------------------


async def test_an_error_in_a_module_has_its_place_there(tmp_path: Path) -> None:
    files = {
        "lib.harn": "pub fn divide(a, b) {\n  return a / b\n}",
        "main.harn": 'import "lib"\nfn go() {\n  return 1 + divide(1, 0)\n}\ngo()',
    }
    error = await failure(tmp_path, files)
    assert str(error) == "Runtime error: Division by zero (line 2)"
    [problem] = error.diagnostics
    assert Path(problem.filename).name == "lib.harn"
    assert (problem.line, problem.column, problem.end_column) == (2, 10, 15)
    assert problem.excerpt == "  return a / b"
    callers = [note.replace(f"{tmp_path}/", "") for note in problem.notes]
    assert callers == ["called from go at main.harn:3", "called from pipeline at main.harn:5"]


async def test_an_error_while_a_module_starts(tmp_path: Path) -> None:
    files = {
        "lib.harn": "\nlet x = 1 / 0\npub fn f() { return 1 }",
        "main.harn": 'import "lib"\nprintln("never")',
    }
    error = await failure(tmp_path, files)
    assert str(error) == "Runtime error: Division by zero (line 2)"
    assert Path(error.diagnostics[0].filename).name == "lib.harn"


async def test_errors_of_a_module_are_caught_by_the_importer(tmp_path: Path) -> None:
    files = {
        "lib.harn": 'pub enum Problem { Bad(what) }\npub fn fail() { throw Problem.Bad("thing") }',
        "main.harn": 'import "lib"\ntry { fail() } catch (p: Problem) { println(p) }',
    }
    assert await run(tmp_path, files) == ["Problem.Bad(thing)"]


async def test_without_the_capability_files_imports_stay_in_the_folder(tmp_path: Path) -> None:
    (tmp_path / "outside.harn").write_text("pub fn f() { return 1 }", encoding="utf-8")
    inside = tmp_path / "inside"
    inside.mkdir()
    main = inside / "main.harn"
    main.write_text('import "../outside"\nreturn f()', encoding="utf-8")
    async with Interpreter() as harn:
        with pytest.raises(HarnletError, match=r"cannot read '\.\./outside'.*capability `files`"):
            harn.compile(main.read_text(encoding="utf-8"), filename=str(main))
    async with Interpreter(capabilities=["files"]) as harn:
        program = harn.compile(main.read_text(encoding="utf-8"), filename=str(main))
        assert await harn.run(program) == 1


async def test_a_program_without_a_file_cannot_import_files() -> None:
    async with Interpreter() as harn:
        with pytest.raises(HarnletError, match="Import error: cannot read 'lib'"):
            harn.compile('import "lib"')
