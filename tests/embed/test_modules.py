"""Modules: how paths are resolved, what imports bring, how modules start and keep state.

Rules: docs/language.md#modules and its decision 6. Each test writes a few files and runs `main.harn`.
"""

from pathlib import Path

import pytest

from harnlet import HarnletError, Interpreter


async def run(folder: Path, files: dict[str, str], entry: str = "main.harn") -> list[str]:
    """Write the files, run the entry, and return the lines that it printed."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    output: list[str] = []
    main = folder / entry
    async with Interpreter(output=output.append, capabilities=["files"]) as harn:
        await harn.run(harn.compile(main.read_text(encoding="utf-8"), filename=str(main)))
    return "".join(output).splitlines()


async def failure(folder: Path, files: dict[str, str], entry: str = "main.harn") -> HarnletError:
    """The error that running the entry ends with."""
    with pytest.raises(HarnletError) as caught:
        await run(folder, files, entry)
    return caught.value


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


# --- what an import brings -------------------------------------------------------------------------

LIBRARY = """
pub fn shown() { return "shown with " + hidden() }
fn hidden() { return "hidden" }
"""


async def test_a_wildcard_import_brings_the_public_functions(tmp_path: Path) -> None:
    files = {"lib.harn": LIBRARY, "main.harn": 'import "lib"\nprintln(shown())'}
    assert await run(tmp_path, files) == ["shown with hidden"]


async def test_a_wildcard_import_leaves_the_others_out(tmp_path: Path) -> None:
    files = {"lib.harn": LIBRARY, "main.harn": 'import "lib"\nprintln(hidden())'}
    assert "call target `hidden` is not defined or imported" in str(await failure(tmp_path, files))


async def test_a_selective_import_brings_only_the_names(tmp_path: Path) -> None:
    lib = "pub fn first_one() { return 1 }\npub fn second_one() { return 2 }"
    files = {"lib.harn": lib, "main.harn": 'import { first_one } from "lib"\nprintln(first_one())'}
    assert await run(tmp_path, files) == ["1"]
    files["main.harn"] = 'import { first_one } from "lib"\nprintln(second_one())'
    assert "call target `second_one` is not defined" in str(await failure(tmp_path, files))


async def test_a_selective_import_may_name_what_is_not_public(tmp_path: Path) -> None:
    files = {"lib.harn": LIBRARY, "main.harn": 'import { hidden } from "lib"\nprintln(hidden())'}
    assert await run(tmp_path, files) == ["hidden"]


async def test_trap_33_without_a_public_function_every_function_is_exported(tmp_path: Path) -> None:
    files = {
        "lib.harn": "fn a() { return 1 }\nfn b() { return 2 }",
        "main.harn": 'import "lib"\nprintln([a(), b()])',
    }
    assert await run(tmp_path, files) == ["[1, 2]"]


async def test_trap_33_pub_on_anything_else_does_not_count(tmp_path: Path) -> None:
    files = {
        "lib.harn": "pub struct S { x }\npub enum E { A }\nfn a() { return 1 }",
        "main.harn": 'import "lib"\nprintln(a())',
    }
    assert await run(tmp_path, files) == ["1"]


async def test_an_unknown_name_is_an_error(tmp_path: Path) -> None:
    files = {"lib.harn": LIBRARY, "main.harn": 'import { shown, nothing } from "lib"'}
    error = await failure(tmp_path, files)
    assert str(error).startswith("Import error: 'nothing' is not defined in ")
    assert "lib" in str(error)
    [problem] = error.diagnostics
    assert (problem.line, problem.column, problem.end_column) == (1, 17, 24)


async def test_imported_functions_are_values(tmp_path: Path) -> None:
    files = {
        "lib.harn": "pub fn twice(n, m = 2) { return n * m }\npub fn all(...rest) { return rest }",
        "main.harn": """
            import "lib"
            println([1, 2].map({ n -> twice(n) }))
            println(twice)
            println(twice(5))
            println(twice())
            println(all(1, 2, 3))
            let f = twice
            println(f(4, 10))
            println(3 |> twice)
        """,
    }
    expected = ["[2, 4]", "<fn(n, m)>", "10"]
    output = await run(tmp_path, {**files, "main.harn": files["main.harn"].replace("println(twice())\n", "")})
    assert output == [*expected, "[1, 2, 3]", "40", "6"]


async def test_imports_run_before_everything_else_in_source_order(tmp_path: Path) -> None:
    files = {
        "a.harn": "let loaded = println(\"a\")\npub fn a() { return 1 }",
        "b.harn": "let loaded = println(\"b\")\npub fn b() { return 2 }",
        "main.harn": 'println("main ${b()}")\nimport "a"\nlet x = 1\nimport "b"',
    }
    assert await run(tmp_path, files) == ["a", "b", "main 2"]


async def test_imports_in_pipeline_mode(tmp_path: Path) -> None:
    files = {
        "lib.harn": 'let loaded = println("lib")\npub fn f() { return "f" }',
        "main.harn": 'let x = f()\npipeline main(task) { println(x + f()) }\nimport "lib"',
    }
    assert await run(tmp_path, files) == ["lib", "ff"]


async def test_imported_names_are_seen_in_functions_and_closures(tmp_path: Path) -> None:
    files = {
        "lib.harn": "pub fn f(n) { return n + 1 }",
        "main.harn": """
            import "lib"
            fn g(n) { return f(n) * 10 }
            let h = { n -> f(g(n)) }
            println([g(1), h(1)])
            println(await(spawn { f(5) }))
            println(parallel each [1, 2] { n -> f(n) })
        """,
    }
    assert await run(tmp_path, files) == ["[20, 21]", "6", "[2, 3]"]


async def test_an_imported_name_is_immutable(tmp_path: Path) -> None:
    files = {
        "lib.harn": "pub fn f() { return 1 }",
        "main.harn": 'import "lib"\nprintln(try { f = 2 })\nprintln(f())',
    }
    assert await run(tmp_path, files) == ["Result.Err(Cannot assign to immutable binding: f)", "1"]


async def test_a_function_of_the_file_cannot_have_an_imported_name(tmp_path: Path) -> None:
    files = {
        "lib.harn": "pub fn f() { return 1 }",
        "main.harn": 'import "lib"\nfn f() { return 2 }\nprintln(f())',
    }
    message = (
        "Runtime error: Cannot redeclare immutable variable 'f' in the same scope "
        "(use 'var' for mutable bindings) (line 2)"
    )
    assert str(await failure(tmp_path, files)) == message


async def test_an_imported_name_can_be_shadowed_in_an_inner_scope(tmp_path: Path) -> None:
    files = {
        "lib.harn": 'pub fn f() { return "imported" }',
        "main.harn": 'import "lib"\nif true {\n  fn f() { return "own" }\n  println(f())\n}\nprintln(f())',
    }
    assert await run(tmp_path, files) == ["own", "imported"]


async def test_an_imported_name_shadows_a_builtin(tmp_path: Path) -> None:
    files = {
        "lib.harn": 'pub fn len(x) { return "mine" }',
        "main.harn": 'import "lib"\nprintln(len([1]))',
    }
    assert await run(tmp_path, files) == ["mine"]


# --- collisions and re-exports ---------------------------------------------------------------------


async def test_two_modules_with_one_name_collide(tmp_path: Path) -> None:
    files = {
        "a.harn": "pub fn duplicate() { return 1 }",
        "b.harn": "pub fn duplicate() { return 2 }",
        "main.harn": 'import "a"\nimport "b"',
    }
    error = await failure(tmp_path, files)
    message = str(error)
    assert message.startswith("Import collision: 'duplicate' is already defined when importing ")
    assert message.endswith(
        'Use selective imports to disambiguate: import { duplicate } from "..."'
    )
    assert error.code == "HRN-0403"
    assert error.diagnostics[0].line == 2


async def test_importing_one_name_twice_collides(tmp_path: Path) -> None:
    files = {
        "lib.harn": "pub fn f() { return 1 }",
        "main.harn": 'import { f } from "lib"\nimport { f } from "lib"',
    }
    assert "Import collision: 'f' is already defined" in str(await failure(tmp_path, files))
    files["main.harn"] = 'import "lib"\nimport "lib"'
    assert "Import collision: 'f' is already defined" in str(await failure(tmp_path, files))


async def test_selective_imports_avoid_a_collision(tmp_path: Path) -> None:
    files = {
        "a.harn": 'pub fn same() { return "a" }\npub fn one() { return "one" }',
        "b.harn": 'pub fn same() { return "b" }\npub fn two() { return "two" }',
        "main.harn": 'import "a"\nimport { two } from "b"\nprintln([same(), one(), two()])',
    }
    assert await run(tmp_path, files) == ["[a, one, two]"]


async def test_pub_import_exports_again(tmp_path: Path) -> None:
    files = {
        "c.harn": 'pub fn deep() { return "deep" }\npub fn other() { return "other" }',
        "b.harn": 'pub import "c"',
        "a.harn": 'pub import { deep } from "b"\npub fn own() { return "own" }',
        "main.harn": 'import "a"\nprintln([deep(), own()])',
    }
    assert await run(tmp_path, files) == ["[deep, own]"]
    files["main.harn"] = 'import "a"\nprintln(other())'
    assert "call target `other` is not defined" in str(await failure(tmp_path, files))
    files["main.harn"] = 'import { deep, other } from "b"\nprintln([deep(), other()])'
    assert await run(tmp_path, files) == ["[deep, other]"]


async def test_a_plain_import_is_not_exported_again(tmp_path: Path) -> None:
    files = {
        "c.harn": "pub fn from_the_third() { return 3 }",
        "b.harn": 'import "c"\npub fn own() { return from_the_third() }',
        "main.harn": 'import "b"\nprintln(own())\nprintln(from_the_third())',
    }
    assert "call target `from_the_third` is not defined" in str(await failure(tmp_path, files))


async def test_the_same_function_over_two_ways_does_not_collide_when_exported_again(tmp_path: Path) -> None:
    files = {
        "base.harn": 'pub fn f() { return "base" }',
        "a.harn": 'pub import "base"',
        "main.harn": 'import { f } from "a"\nprintln(f())',
    }
    assert await run(tmp_path, files) == ["base"]


async def test_exporting_two_functions_under_one_name_collides(tmp_path: Path) -> None:
    files = {
        "a.harn": "pub fn duplicate() { return 1 }",
        "b.harn": "pub fn duplicate() { return 2 }",
        "both.harn": 'pub import "a"\npub import "b"',
        "main.harn": 'import "both"',
    }
    assert "Import collision: 'duplicate'" in (await failure(tmp_path, files)).render()


async def test_exporting_again_what_the_module_defines_collides(tmp_path: Path) -> None:
    files = {
        "a.harn": "pub fn f() { return 1 }",
        "both.harn": 'pub import "a"\npub fn f() { return 2 }',
        "main.harn": 'import "both"',
    }
    text = (await failure(tmp_path, files)).render()
    assert "Re-export collision: 'f' is defined here and also re-exported from 'a'" in text


# --- structs, enums, types, tools, constants -------------------------------------------------------

KINDS = """
pub struct Point { x, y }
impl Point { fn sum(self) { return self.x + self.y } }
pub enum Color { Red, Mix(a, b) }
type Count = int
interface Named { fn name(self) }
let LIMIT = 10
var counter = 0
pub tool shout(text: string) -> string {
  description "Shouts"
  text.uppercase()
}
pub fn red() { return Color.Red }
pub fn origin() { return Point { x: 0, y: 0 } }
pub fn is_mix(c) {
  return match c {
    Color.Mix -> { true }
    _ -> { false }
  }
}
"""


async def test_selective_imports_of_every_kind(tmp_path: Path) -> None:
    main = """
        import { Point, Color, Count, Named, LIMIT, shout, red, is_mix } from "lib"
        println(Point { x: 1, y: 2 }.sum())
        println(Point({x: 5, y: 5}).sum())
        println(Color.Mix(1, 2))
        println(red() == Color.Red)
        println(is_mix(Color.Mix(1, 2)))
        println(LIMIT)
        println(shout.tools[0].name)
        println(match red() { Color.Red -> { "matched" } _ -> { "not" } })
        fn f(n: Count) { return n }
        println(f(3))
    """
    expected = ["3", "10", "Color.Mix(1, 2)", "true", "true", "10", "shout", "matched", "3"]
    assert await run(tmp_path, {"lib.harn": KINDS, "main.harn": main}) == expected


async def test_a_wildcard_import_brings_structs_enums_and_tools(tmp_path: Path) -> None:
    main = """
        import "lib"
        println(origin().sum())
        println(Point { x: 1, y: 2 })
        println(Color.Red == red())
        println(shout.tools[0].name)
    """
    expected = ["0", "Point {x: 1, y: 2}", "true", "shout"]
    assert await run(tmp_path, {"lib.harn": KINDS, "main.harn": main}) == expected


async def test_imported_structs_are_the_same_type(tmp_path: Path) -> None:
    files = {
        "types.harn": "pub struct P { x }",
        "a.harn": 'import { P } from "types"\npub fn make() { return P { x: 1 } }',
        "b.harn": 'import { P } from "types"\npub fn check(p) { return p == P { x: 1 } }',
        "main.harn": 'import "a"\nimport "b"\nprintln(check(make()))',
    }
    assert await run(tmp_path, files) == ["true"]


async def test_methods_see_their_module(tmp_path: Path) -> None:
    lib = """
        let factor = 10
        fn helper(n) { return n * factor }
        pub struct S { n }
        impl S { fn scaled(self) { return helper(self.n) } }
        pub fn make(n) { return S { n: n } }
    """
    files = {"lib.harn": lib, "main.harn": 'import "lib"\nprintln(make(4).scaled())'}
    assert await run(tmp_path, files) == ["40"]


async def test_a_file_may_declare_what_a_wildcard_import_would_bring(tmp_path: Path) -> None:
    files = {
        "lib.harn": "pub struct S { x }\npub fn f() { return 1 }",
        "main.harn": 'import "lib"\nstruct S { mine }\nprintln(S { mine: 1 })\nprintln(f())',
    }
    assert await run(tmp_path, files) == ["S {mine: 1}", "1"]


async def test_enums_declared_in_an_imported_function_work(tmp_path: Path) -> None:
    files = {
        "lib.harn": "pub fn f() {\n  enum Own { A(v) }\n  return Own.A(1)\n}",
        "main.harn": 'import "lib"\nprintln(f())',
    }
    assert await run(tmp_path, files) == ["Own.A(1)"]


# --- starting and state ----------------------------------------------------------------------------


async def test_trap_32_only_variables_and_declarations_of_a_module_run(tmp_path: Path) -> None:
    lib = """
        println("never")
        let first = println("first variable")
        for i in [1] { println("never") }
        if true { println("never") }
        let second = println("second variable")
        pub fn f() { return "f" }
        f()
        pipeline main(task) { println("never") }
    """
    files = {"lib.harn": lib, "main.harn": 'import "lib"\nprintln(f())'}
    assert await run(tmp_path, files) == ["first variable", "second variable", "f"]


async def test_variables_of_a_module_run_before_its_functions_exist(tmp_path: Path) -> None:
    files = {
        "lib.harn": "let early = try { f() }\npub fn f() { return early }",
        "main.harn": 'import "lib"\nprintln(f())',
    }
    assert await run(tmp_path, files) == ["Result.Err(Undefined builtin: f)"]


async def test_variables_of_a_module_may_use_what_it_imports(tmp_path: Path) -> None:
    files = {
        "base.harn": "pub fn make() { return [1, 2] }",
        "lib.harn": 'import "base"\nlet table = make()\npub fn last() { return table.last }',
        "main.harn": 'import "lib"\nprintln(last())',
    }
    assert await run(tmp_path, files) == ["2"]


async def test_functions_of_a_module_share_its_variables(tmp_path: Path) -> None:
    lib = """
        var count = 0
        var log = []
        var table = {n: 0}
        pub fn next() {
          count = count + 1
          log = log.push(count)
          table.n += 10
          return count
        }
        pub fn seen() { return [count, log, table] }
        pub fn reset() { count = 0 }
    """
    main = """
        import "lib"
        println([next(), next()])
        println(seen())
        reset()
        println(next())
        println([next].map({ f -> f() }))
    """
    expected = ["[1, 2]", "[2, [1, 2], {n: 20}]", "1", "[2]"]
    assert await run(tmp_path, {"lib.harn": lib, "main.harn": main}) == expected


async def test_closures_of_a_module_share_its_variables(tmp_path: Path) -> None:
    lib = """
        var count = 0
        pub fn counter() { return { ->
          count += 1
          count
        } }
        pub fn total() { return count }
    """
    main = 'import "lib"\nlet f = counter()\nlet g = counter()\nprintln([f(), g(), f(), total()])'
    assert await run(tmp_path, {"lib.harn": lib, "main.harn": main}) == ["[1, 2, 3, 3]"]


async def test_local_variables_of_module_functions_are_snapshots_as_everywhere(tmp_path: Path) -> None:
    lib = """
        pub fn make() {
          var n = 0
          let bump = { -> n = n + 1
            n }
          return [bump(), bump(), n]
        }
    """
    files = {"lib.harn": lib, "main.harn": 'import "lib"\nprintln(make())'}
    assert await run(tmp_path, files) == ["[1, 1, 0]"]


async def test_an_immutable_variable_of_a_module_stays_so(tmp_path: Path) -> None:
    files = {
        "lib.harn": "let fixed = 1\npub fn change() { return try { fixed = 2 } }",
        "main.harn": 'import "lib"\nprintln(change())',
    }
    assert await run(tmp_path, files) == ["Result.Err(Cannot assign to immutable binding: fixed)"]


async def test_a_value_that_left_a_module_is_not_changed_with_its_variable(tmp_path: Path) -> None:
    lib = """
        var items = [1]
        pub fn get() { return items }
        pub fn change() {
          items[0] = 99
          items = items.push(2)
          return items
        }
    """
    main = 'import "lib"\nlet before = get()\nprintln(change())\nprintln(before)\nprintln(get())'
    assert await run(tmp_path, {"lib.harn": lib, "main.harn": main}) == ["[99, 2]", "[1]", "[99, 2]"]


async def test_variables_of_a_module_are_not_seen_by_importers(tmp_path: Path) -> None:
    files = {
        "lib.harn": "var inside_the_module = 1\npub fn f() { return inside_the_module }",
        "main.harn": 'import "lib"\nprintln(try { inside_the_module })\nprintln(f())',
    }
    assert await run(tmp_path, files) == ["Result.Err(Undefined variable: inside_the_module)", "1"]


async def test_functions_of_a_module_do_not_see_their_importer(tmp_path: Path) -> None:
    files = {
        "lib.harn": "pub fn f() { return try { of_the_importer } }",
        "main.harn": 'let of_the_importer = 1\nimport "lib"\nprintln(f())',
    }
    assert await run(tmp_path, files) == ["Result.Err(Undefined variable: of_the_importer)"]


async def test_functions_of_a_module_keep_their_private_siblings(tmp_path: Path) -> None:
    files = {
        "lib.harn": LIBRARY,
        "main.harn": 'import "lib"\nfn hidden() { return "of main" }\nprintln(shown() + " " + hidden())',
    }
    assert await run(tmp_path, files) == ["shown with hidden of main"]


async def test_a_module_is_loaded_once_in_a_run(tmp_path: Path) -> None:
    files = {
        "state.harn": 'let loaded = println("loaded")\nvar n = 0\npub fn bump() {\n  n += 1\n  return n\n}',
        "a.harn": 'import "state"\npub fn a() { return bump() }',
        "b.harn": 'import "./state.harn"\npub fn b() { return bump() }',
        "main.harn": 'import "a"\nimport "b"\nimport { bump } from "state"\nprintln([a(), b(), bump()])',
    }
    assert await run(tmp_path, files) == ["loaded", "[1, 2, 3]"]


async def test_every_run_starts_its_modules_anew(tmp_path: Path) -> None:
    lib = tmp_path / "lib.harn"
    lib.write_text("var n = 0\npub fn bump() {\n  n += 1\n  return n\n}", encoding="utf-8")
    main = tmp_path / "main.harn"
    main.write_text('import "lib"\nreturn [bump(), bump()]', encoding="utf-8")
    async with Interpreter() as harn:
        program = harn.compile(main.read_text(encoding="utf-8"), filename=str(main))
        assert await harn.run(program) == [1, 2]
        assert await harn.run(program) == [1, 2]


async def test_tasks_share_the_variables_of_a_module(tmp_path: Path) -> None:
    files = {
        "lib.harn": "var n = 0\npub fn bump() {\n  n += 1\n  return n\n}\npub fn total() { return n }",
        "main.harn": 'import "lib"\nlet r = parallel 3 { i -> bump() }\nprintln([r.sort(), total()])',
    }
    assert await run(tmp_path, files) == ["[[1, 2, 3], 3]"]


async def test_tail_calls_and_depth_in_a_module(tmp_path: Path) -> None:
    lib = """
        pub fn down(n) {
          if n == 0 { return "bottom" }
          return down(n - 1)
        }
        pub fn ping(n) {
          if n == 0 { return "end" }
          return pong(n - 1)
        }
        fn pong(n) { return ping(n) }
        pub fn forever(n) { return 1 + forever(n) }
    """
    main = 'import "lib"\nprintln([down(10000), ping(10000)])\nprintln(try { forever(1) })'
    expected = ["[bottom, end]", "Result.Err(Stack overflow: too many nested calls)"]
    assert await run(tmp_path, {"lib.harn": lib, "main.harn": main}) == expected


async def test_generators_of_a_module(tmp_path: Path) -> None:
    lib = "var made = 0\npub fn numbers(n) {\n  for i in 1 to n {\n    made += 1\n    yield i\n  }\n}\n"
    lib += "pub fn total() { return made }"
    main = 'import "lib"\nfor i in numbers(2) { println(i) }\nprintln(total())'
    assert await run(tmp_path, {"lib.harn": lib, "main.harn": main}) == ["1", "2", "2"]


# --- cycles ----------------------------------------------------------------------------------------


async def test_modules_may_import_each_other(tmp_path: Path) -> None:
    even = 'import "odd"\npub fn even(n) {\n  if n == 0 { return true }\n  return odd(n - 1)\n}'
    odd = 'import "even"\npub fn odd(n) {\n  if n == 0 { return false }\n  return even(n - 1)\n}'
    files = {
        "even.harn": even,
        "odd.harn": odd,
        "main.harn": 'import { even } from "even"\nprintln([even(4), even(5), even(100)])',
    }
    assert await run(tmp_path, files) == ["[true, false, true]"]


async def test_a_module_may_import_itself(tmp_path: Path) -> None:
    files = {
        "me.harn": 'import { helper } from "me"\npub fn f() { return 1 }\nfn helper() { return 2 }',
        "main.harn": 'import { f } from "me"\nprintln(f())',
    }
    assert await run(tmp_path, files) == ["1"]


async def test_a_longer_cycle_with_selective_imports(tmp_path: Path) -> None:
    files = {
        "a.harn": 'import { b } from "b"\npub fn a(n) { return n == 0 ? "a" : b(n - 1) }',
        "b.harn": 'import { c } from "c"\npub fn b(n) { return n == 0 ? "b" : c(n - 1) }',
        "c.harn": 'import { a } from "a"\npub fn c(n) { return n == 0 ? "c" : a(n - 1) }',
        "main.harn": 'import { a } from "a"\nprintln([a(0), a(1), a(2), a(3)])',
    }
    assert await run(tmp_path, files) == ["[a, b, c, a]"]


async def test_the_entry_file_may_be_imported_by_its_module(tmp_path: Path) -> None:
    files = {
        "lib.harn": 'import { helper } from "main"\npub fn f() { return helper() }',
        "main.harn": 'import "lib"\nprintln(f())\nfn helper() { return "from main" }',
    }
    assert await run(tmp_path, files) == ["from main"]


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
    files = {"lib.harn": "\nlet x = 1 / 0\npub fn f() { return 1 }", "main.harn": 'import "lib"\nprintln("never")'}
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
