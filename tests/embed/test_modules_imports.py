"""What an import brings, by name or as a whole, and what collides (docs/language.md#imports)."""

from pathlib import Path

import pytest

from embed.modules_support import failure, run

LIBRARY = """
pub fn shown() { return "shown with " + hidden() }
fn hidden() { return "hidden" }
"""


# --- what an import brings -------------------------------------------------------------------------


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
    lib = "pub fn twice(n, m = 2) { return [n, m] }\npub fn all(...rest) { return rest }"
    main = """
        import "lib"
        println([1, 2].map({ n -> twice(n) }))
        println(twice)
        println([twice(), twice(5), twice(5, nil), twice(5, 6, 7)])
        println(all(1, 2, 3))
        let f = twice
        println(f(4, 10))
        println(3 |> twice)
    """
    assert await run(tmp_path, {"lib.harn": lib, "main.harn": main}) == [
        "[[1, 2], [2, 2]]",
        "<fn(n, m)>",
        "[[nil, 2], [5, 2], [5, nil], [5, 6]]",
        "[1, 2, 3]",
        "[4, 10]",
        "[3, 2]",
    ]


async def test_imports_run_before_everything_else_in_source_order(tmp_path: Path) -> None:
    files = {
        "a.harn": 'let loaded = println("a")\npub fn a() { return 1 }',
        "b.harn": 'let loaded = println("b")\npub fn b() { return 2 }',
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
    assert message.endswith('Use selective imports to disambiguate: import { duplicate } from "..."')
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


async def test_destructured_variables_can_be_imported_by_name(tmp_path: Path) -> None:
    files = {
        "lib.harn": "let {a, b: renamed, ...rest} = {a: 1, b: 2, c: 3}\nvar [x, _, ...more] = [4, 5, 6]",
        "main.harn": 'import { a, renamed, rest, x, more } from "lib"\nprintln([a, renamed, rest, x, more])',
    }
    assert await run(tmp_path, files) == ["[1, 2, {c: 3}, 4, [6]]"]


async def test_an_imported_variable_is_the_constant_that_it_was_after_the_start(tmp_path: Path) -> None:
    files = {
        "lib.harn": "var n = 0\npub fn bump() {\n  n += 1\n  return n\n}",
        "main.harn": 'import { n, bump } from "lib"\nprintln([n, bump(), n])\nprintln(try { n = 5 })',
    }
    assert await run(tmp_path, files) == ["[0, 1, 0]", "Result.Err(Cannot assign to immutable binding: n)"]


async def test_an_imported_interface_is_checked(tmp_path: Path) -> None:
    lib = "interface Named { fn name(self) }"
    message = "Type error: parameter 'v': expected value satisfying interface 'Named', got int"
    for form in ('import "lib"', 'import { Named } from "lib"'):
        main = f"{form}\nfn f(v: Named) {{ return 1 }}\nprintln(try {{ f(5) }})"
        assert await run(tmp_path, {"lib.harn": lib, "main.harn": main}) == [f"Result.Err({message})"]


@pytest.mark.parametrize("again", ['pub import "lib"', 'pub import { Color, Point, Named, red } from "lib"'])
@pytest.mark.parametrize("form", ['import "again"', 'import { Color, Point, Named, red } from "again"'])
async def test_every_kind_can_be_exported_again(tmp_path: Path, again: str, form: str) -> None:
    main = f"""
        {form}
        println(red() == Color.Red)
        println(Point {{ x: 1, y: 2 }}.sum())
        println(match red() {{ Color.Red -> {{ "matched" }} _ -> {{ "not" }} }})
        fn f(v: Named) {{ return "checked" }}
        println(is_err(try {{ f(5) }}))
    """
    files = {"lib.harn": KINDS, "again.harn": again, "main.harn": main}
    assert await run(tmp_path, files) == ["true", "3", "matched", "true"]


async def test_methods_can_be_added_to_an_imported_struct(tmp_path: Path) -> None:
    main = """
        import { Point } from "lib"
        impl Point { fn product(self) { return self.x * self.y } }
        let p = Point { x: 3, y: 4 }
        println([p.sum(), p.product()])
    """
    assert await run(tmp_path, {"lib.harn": KINDS, "main.harn": main}) == ["[7, 12]"]


async def test_streams_and_skills_of_a_module(tmp_path: Path) -> None:
    lib = """
        pub gen fn items(n) -> Stream<int> { for i in 1 to n { emit i } }
        pub skill helper { description "helps" }
    """
    main = 'import { items, helper } from "lib"\nprintln(items(3).iter().to_list())\nprintln(type_of(helper))'
    assert await run(tmp_path, {"lib.harn": lib, "main.harn": main}) == ["[1, 2, 3]", "dict"]
