"""Template files: `render`, includes, asset roots, provenance (docs/builtins.md#templates)."""

from pathlib import Path
from typing import Any

import pytest

from harnlet import Interpreter

NOT_FOUND = "No such file or directory (os error 2)"


class Project:
    """A folder with files, and scripts that run as one of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, path: str, text: str) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    async def run(self, source: str, path: str = "main.harn") -> Any:
        self.write(path, source)
        async with Interpreter(capabilities="all") as harn:
            return await harn.run(harn.compile(source, filename=str(self.folder / path)))

    async def problem(self, expression: str) -> str:
        text: str = await self.run(f"return try {{ {expression} }} catch e {{ e }}")
        return text.replace(str(self.folder), "HERE")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "project")


async def test_paths_belong_to_the_file_that_calls(project: Project) -> None:
    project.write("a.tmpl", "outer {{ x }}")
    project.write("lib/a.tmpl", "inner {{ x }}{{ y }}")
    project.write("lib/module.harn", 'pub fn text() { return render("a.tmpl", {x: 1}) }')
    assert await project.run('import "lib/module"\nreturn [render_prompt("a.tmpl", {x: 2}), text()]') == [
        "outer 2",
        "inner 1{{y}}",
    ]
    absolute = str(project.folder / "a.tmpl")
    assert await project.run(f'return render("{absolute}")') == "outer {{x}}"


async def test_a_missing_template(project: Project) -> None:
    assert await project.problem('render("no.tmpl")') == f"Failed to read template HERE/no.tmpl: {NOT_FOUND}"
    (project.folder / "b.tmpl").write_bytes(b"\xff")
    text = "Failed to read template HERE/b.tmpl: stream did not contain valid UTF-8"
    assert await project.problem('render("b.tmpl")') == text


async def test_errors_name_the_file_they_are_in(project: Project) -> None:
    project.write("a.tmpl", 'x\n{{ include "lib/b.tmpl" }}')
    project.write("lib/b.tmpl", "{{ x | no }}")
    assert await project.problem('render("lib/b.tmpl")') == "HERE/lib/b.tmpl at 1:1: unknown filter `no`"
    assert await project.problem('render("a.tmpl")') == "HERE/lib/b.tmpl at 1:1: unknown filter `no`"


async def test_includes_see_the_bindings_and_their_own(project: Project) -> None:
    project.write("lib/a.tmpl", '{{ include "b.tmpl" with {y: xs | join: "-", "z": 3,} }}|{{ y }}')
    project.write("lib/b.tmpl", '{{ y }}{{ z }}{{ xs[0] }}{{ include name + "" }}')
    text = await project.problem('render("lib/a.tmpl", {xs: [1, 2]})')
    assert text == "HERE/lib/b.tmpl at 1:26: unexpected character `+`"
    project.write("lib/b.tmpl", "{{ y }}{{ z }}{{ xs[0] }}{{ include name }}")
    project.write("lib/c.tmpl", "{{ for i in xs }}{{ i }}{{ end }}")
    found = await project.run('return render("lib/a.tmpl", {xs: [1, 2], name: "c.tmpl"})')
    assert found == "1-23112|{{y}}"
    inline = 'return render_string("{{ include \\"lib/c.tmpl\\" }}", {xs: [5]})'
    assert await project.run(inline) == "5"


async def test_includes_that_go_wrong(project: Project) -> None:
    project.write("a.tmpl", '\n {{ include "b.tmpl" }}')
    assert await project.problem('render("a.tmpl")') == (
        f"HERE/a.tmpl at 2:2: failed to read included template HERE/b.tmpl: {NOT_FOUND}"
    )
    project.write("b.tmpl", '{{ include "./a.tmpl" }}')
    assert await project.problem('render("a.tmpl")') == (
        "HERE/b.tmpl at 1:1: circular include detected: HERE/a.tmpl → HERE/b.tmpl → HERE/a.tmpl"
    )
    project.write("../outside.tmpl", "secret")
    project.write("a.tmpl", '{{ include "../outside.tmpl" }}')
    assert await project.problem('render("a.tmpl")') == (
        "HERE/a.tmpl at 1:1: include path ../outside.tmpl escapes template root HERE"
    )
    (project.folder / "link.tmpl").symlink_to(project.folder.parent / "outside.tmpl")
    project.write("a.tmpl", '{{ include "link.tmpl" }}')
    assert "escapes template root" in await project.problem('render("a.tmpl")')


async def test_includes_reach_thirty_two_levels_down(project: Project) -> None:
    for level in range(40):
        project.write(f"t{level}.tmpl", f'{{{{ include "t{level + 1}.tmpl" }}}}')
    project.write("t32.tmpl", "end")
    assert await project.run('return render("t0.tmpl")') == "end"
    project.write("t32.tmpl", '{{ include "t33.tmpl" }}')
    assert await project.problem('render("t0.tmpl")') == (
        "HERE/t32.tmpl at 1:1: include depth exceeded (32 levels)"
    )


async def test_asset_roots_of_a_project(project: Project) -> None:
    project.write("harn.toml", '[asset_roots]\nparts = "prompts/parts"\n')
    project.write("prompts/parts/a.tmpl", "part {{ x }}")
    project.write("prompts/main.tmpl", '{{ include "@parts/a.tmpl" }}, {{ include "@/prompts/parts/a.tmpl" }}')
    project.write("above.tmpl", "above")
    project.write("prompts/up.tmpl", '{{ include "../above.tmpl" }}')
    source = 'return [render("@/prompts/main.tmpl", {x: 1}), render("@parts/a.tmpl"), render("@/prompts/up.tmpl")]'
    assert await project.run(source, "deep/er/main.harn") == ["part 1, part 1", "part {{x}}", "above"]
    told = await project.problem('render("@other/a")')
    assert told == "Failed to read template @other/a: harn.toml declares no asset root 'other'"
    told = await project.problem('render("@parts/../../above.tmpl")')
    assert told == "Failed to read template @parts/../../above.tmpl: it is outside of HERE/prompts/parts"


async def test_without_a_project_there_are_no_asset_roots(project: Project) -> None:
    told = await project.problem('render("@/a")')
    assert told == "Failed to read template @/a: no harn.toml above HERE"


async def test_provenance(project: Project) -> None:
    project.write("a.tmpl", 'é{{ x }}\n{{ if x }}{{ y | upper }}{{ end }}{{ for i in l }}{{ i }}{{ end }}{{ include "b" }}')
    project.write("b", "{{ z }}")
    source = 'return [render_with_provenance("a.tmpl", {x: "v" * 90, y: "w", l: [1, 2]}), render_with_provenance("b")]'
    first, second = await project.run(source)
    assert (first["prompt_id"], second["prompt_id"]) == ("prompt-1", "prompt-2")
    assert first["template_uri"] == str(project.folder / "a.tmpl")
    text = first["text"]
    assert text == "é" + "v" * 90 + "\nW12{{z}}"
    shown = [
        (span["kind"], span["template_line"], span["template_col"], text[span["output_start"] : span["output_end"]])
        for span in first["spans"]
    ]
    assert shown == [
        ("text", 1, 1, "é"),
        ("legacy_bare", 1, 2, "v" * 90),
        ("text", 1, 9, "\n"),
        ("expr", 2, 11, "W"),
        ("if", 2, 1, "W"),
        ("legacy_bare", 2, 51, "1"),
        ("for_iteration", 2, 35, "1"),
        ("legacy_bare", 2, 51, "2"),
        ("for_iteration", 2, 35, "2"),
        ("legacy_bare", 1, 1, "{{z}}"),
        ("include", 2, 67, "{{z}}"),
    ]
    assert [span.get("bound_value") for span in first["spans"]][:4] == [None, "v" * 80, None, "W"]
    assert "bound_value" not in first["spans"][9]
