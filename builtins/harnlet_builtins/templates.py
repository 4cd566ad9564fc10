"""Templates: `render`, `render_string` and their kin. Rules: docs/builtins.md#templates.

An engine of our own and not Jinja2: the syntax is fixed (filter arguments behind a colon, `{{ if }}` and not
`{% if %}`, `{{name}}` left as it is when nothing is bound to it), and so are truth, texts of values and
errors, so that nothing but Jinja2's name would be left. The parts: `template_source` (text to pieces),
`template_tree` (pieces to nodes), `template_expressions`, `template_filters`, `template_render`,
`template_files`.
"""

import asyncio
from typing import TYPE_CHECKING, Any

from harnlet.errors.faults import Thrown, TypeFault
from harnlet.runtime.builtin import builtin
from harnlet.runtime.display import display
from harnlet_builtins.calling import calling_files
from harnlet_builtins.data_shapes import fields_of
from harnlet_builtins.permission import require

if TYPE_CHECKING:
    from harnlet_builtins.template_files import TemplateFiles
    from harnlet_builtins.template_render import Source


class Prompts:
    """What a run knows of the prompts that were rendered with their provenance."""

    def __init__(self) -> None:
        self.rendered = 0
        self.marks: dict[str, int] = {}


class _Finder:
    """Finds includes for one call of the builtin `name`, on the disk but off the event loop."""

    def __init__(self, rt: Any, name: str, files: "TemplateFiles") -> None:
        self._rt = rt
        self._name = name
        self._files = files

    def included(self, path: str, source: "Source") -> "Source":
        from harnlet_builtins.template_files import UnreadableError
        from harnlet_builtins.template_values import ExpressionError

        require(self._rt, self._name, "files")
        try:
            found: Source = self._rt.wait(asyncio.to_thread(self._files.included, path, source))
        except UnreadableError as error:
            raise ExpressionError(
                f"failed to read included template {error.path}: {error.reason}"
            ) from None
        return found


def _rendered(
    rt: Any, name: str, path: object, bindings: object, spans: list[object] | None = None
) -> tuple[str, str]:
    """The path and the text of a template file."""
    from harnlet_builtins.template_files import TemplateFiles, UnreadableError
    from harnlet_builtins.template_render import render_template

    require(rt, name, "files")
    files = TemplateFiles(calling_files())
    try:
        source = rt.wait(asyncio.to_thread(files.opened, display(path)))
    except UnreadableError as error:
        raise Thrown(f"Failed to read template {error.path}: {error.reason}") from None
    text = render_template(source, fields_of(bindings) or {}, _Finder(rt, name, files), spans)
    return source.path, text


@builtin("render(path, bindings?)", section="16", effect="system", context=True)
def render(rt: Any, path: object = "", bindings: object = None) -> str:
    """The text of a template file, with the values of a dict. A relative path belongs to the directory of
    the file that calls, `@/path` to the project's root."""
    return _rendered(rt, "render", path, bindings)[1]


@builtin("render_prompt(path, bindings?)", section="16", effect="system", context=True)
def render_prompt(rt: Any, path: object = "", bindings: object = None) -> str:
    """The same as `render`."""
    return _rendered(rt, "render_prompt", path, bindings)[1]


@builtin("render_string(text, bindings?)", section="16", effect="system", context=True)
def render_string(rt: Any, text: object = "", bindings: object = None) -> str:
    """The text of a template that is given itself; its includes belong to the directory of the file that
    calls."""
    from harnlet_builtins.template_files import TemplateFiles
    from harnlet_builtins.template_render import Source, render_template

    finder = _Finder(rt, "render_string", TemplateFiles(calling_files()))
    return render_template(Source("", display(text), ""), fields_of(bindings) or {}, finder)


@builtin("render_with_provenance(path, bindings?)", section="16", effect="system", context=True)
def render_with_provenance(rt: Any, path: object = "", bindings: object = None) -> dict[str, object]:
    """`{text, template_uri, prompt_id, spans}`: the text of a template file, and which part of it came from
    where. A span: `{kind, template_line, template_col, output_start, output_end, bound_value?}`."""
    spans: list[object] = []
    uri, text = _rendered(rt, "render_with_provenance", path, bindings, spans)
    prompts = rt.state(Prompts)
    prompts.rendered += 1
    return {"text": text, "template_uri": uri, "prompt_id": f"prompt-{prompts.rendered}", "spans": spans}


@builtin("prompt_mark_rendered(prompt_id)", section="16", context=True)
def prompt_mark_rendered(rt: Any, prompt_id: object = None) -> int:
    """Notes that a prompt was used; how often it has been by now."""
    if type(prompt_id) is not str:
        raise TypeFault("prompt_mark_rendered: prompt_id must be a string")
    marks: dict[str, int] = rt.state(Prompts).marks
    times = marks[prompt_id] = marks.get(prompt_id, 0) + 1
    return times
