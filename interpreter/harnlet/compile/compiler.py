"""How a program is made: parse, resolve, infer, lower, compile."""

import gc
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import CodeType

from harnlet.check import resolve_expressions, resolve_statements
from harnlet.check.entry import Plan, plan_inline, plan_module, plan_program
from harnlet.check.imports import Imports, bind_imports
from harnlet.check.infer import Kinds, UnknownKinds
from harnlet.check.module_info import Exports, ImportProblem, Loader
from harnlet.check.resolution import Resolution
from harnlet.check.resolve import Resolver
from harnlet.check.scope import Function
from harnlet.check.shape import inner_statements
from harnlet.compile import (
    access,
    assignment,
    calls,
    control,
    declarations,
    expressions,
    functions,
    statements,
    tasks,
    views,
)
from harnlet.compile import python_nodes as ast
from harnlet.compile.brief import mark_brief_functions
from harnlet.compile.lowering import (
    DISCARD,
    GIVE,
    LOAD,
    STORE,
    BuiltinShape,
    Lowering,
    UnsupportedError,
    place,
)
from harnlet.compile.program import Form, Program
from harnlet.compile.python_text import python_text
from harnlet.errors.codes import code
from harnlet.errors.diagnostic import Diagnostic
from harnlet.errors.hierarchy import SourceError
from harnlet.syntax import nodes
from harnlet.syntax.parser import ParseResult, parse
from harnlet.syntax.source import Source

RULES = (
    *(resolve_expressions, resolve_statements),
    *(access, assignment, calls, control, declarations, expressions, functions, statements, tasks, views),
)
"""The modules with the rules for each form, which register themselves when they are imported."""

_PLANS: dict[Form, Callable[[nodes.File], Plan]] = {
    "file": plan_program,
    "inline": plan_inline,
    "module": plan_module,
}

_COMPILE_DEPTH = 10_000
"""Python recursion while compiling: nesting is capped at 200 by the parser, and each level takes up to
ten frames here, ten times the interpreter's default for everything."""


def no_modules(path: str) -> ImportProblem:
    """The loader where there are no modules."""
    return ImportProblem(f"Import error: cannot read '{path}': modules are not available here")


def compile_program(
    text: str,
    filename: str,
    builtins: Mapping[str, BuiltinShape],
    constants: Iterable[str],
    provided: Mapping[str, str],
    *,
    load: Loader = no_modules,
    modules: Mapping[str, Program] | None = None,
    form: Form = "file",
    optimise: bool = True,
    parsed: ParseResult | None = None,
) -> tuple[Program, Exports]:
    """Compile a source text; the program, and what it exports if it is a module.

    `form` says what the text is. `load` finds the modules it imports; `modules` is where they are at run
    time. Without `optimise` no kinds are inferred. `parsed` is the parsed text, if the caller has it.

    `builtins` are the builtin functions by name, `constants` the names of predefined values,
    `provided` tells which plugin has a well-known name that is not loaded. Raises SourceError with
    all diagnostics.
    """
    with deep_recursion(), without_collections():
        analysis = analyse(text, filename, builtins, constants, provided, load, form, optimise, parsed)
        lowering, module = lower(analysis, builtins)
        compiled = _compile(module, analysis.source)
    resolution = analysis.resolution
    program = Program(
        filename=filename,
        lines=tuple(text.split("\n")),
        code=compiled,
        mode=analysis.plan.mode,
        parameters=analysis.plan.parameters,
        builtins=frozenset(lowering.used_builtins),
        values=frozenset(lowering.used_values),
        names={slot: variable.name for slot, variable in resolution.slot_names.items()},
        diagnostics=tuple(resolution.diagnostics),
        modules={} if modules is None else modules,
        form=form,
    )
    return program, analysis.imports.exports


def python_source(
    text: str,
    filename: str,
    builtins: Mapping[str, BuiltinShape],
    constants: Iterable[str],
    provided: Mapping[str, str],
    *,
    load: Loader = no_modules,
    form: Form = "file",
    optimise: bool = True,
) -> str:
    """The Python that `compile_program` would compile, for people to read. Raises SourceError."""
    with deep_recursion(), without_collections():
        analysis = analyse(text, filename, builtins, constants, provided, load, form, optimise)
        _, module = lower(analysis, builtins)
        return python_text(module, text.split("\n"))


@dataclass(frozen=True, slots=True)
class Analysis:
    """Everything that is known of a program before it is lowered."""

    plan: Plan
    resolution: Resolution
    kinds: Kinds
    source: Source
    imports: Imports


def analyse(
    text: str,
    filename: str,
    builtins: Mapping[str, object],
    constants: Iterable[str],
    provided: Mapping[str, str],
    load: Loader,
    form: Form,
    optimise: bool,
    parsed: ParseResult | None = None,
) -> Analysis:
    """Everything up to the lowering. Raises SourceError."""
    if parsed is None:
        parsed = parse(text, filename)
    if parsed.file is None or any(d.severity == "error" for d in parsed.diagnostics):
        raise SourceError(parsed.diagnostics)
    source = Source(text, filename)
    plan = _PLANS[form](parsed.file)
    imports = bind_imports(parsed.file, source, load)
    if imports.diagnostics:
        raise SourceError(imports.diagnostics)
    resolution = Resolver(
        parsed.file,
        source,
        plan.parts,
        builtins,
        constants,
        provided,
        plan.parameters,
        form == "module",
        imports,
    ).run()
    if any(diagnostic.severity == "error" for diagnostic in resolution.diagnostics):
        raise SourceError(resolution.diagnostics)
    kinds = Kinds(resolution) if optimise else UnknownKinds(resolution)
    kinds.settle()
    return Analysis(plan, resolution, kinds, source, imports)


def lower(analysis: Analysis, builtins: Mapping[str, BuiltinShape]) -> tuple[Lowering, ast.Module]:
    """The Python module of a program, and what was found out while making it. Raises SourceError."""
    lowering = Lowering(analysis.resolution, analysis.kinds, analysis.source, builtins)
    lowering.imports = analysis.imports
    try:
        return lowering, lower_program(lowering, analysis.plan)
    except UnsupportedError as refused:
        raise SourceError((refused.diagnostic,)) from None


def lower_program(lowering: Lowering, plan: Plan) -> ast.Module:
    """The Python module of a program: its constants and its `main(arguments)`."""
    resolution = lowering.resolution
    everything = inner_statements(resolution.file.items)
    lowering.interfaces = {item.name for item in everything if isinstance(item, nodes.Interface)}
    lowering.interfaces |= lowering.imports.interfaces
    lowering.tail_groups = tail_groups(resolution)
    lowering.brief_methods = mark_brief_functions(resolution, lowering.tail_groups)
    at = (1, 1, 1, 2)
    where = place(at)
    changing = []
    for variable in resolution.variables:
        is_struct = variable.origin == "struct" and not variable.in_loop
        if variable.owner is resolution.main and (variable.late or is_struct):
            if variable.mutable or variable.shared:
                changing.append(variable.slot)
            else:
                lowering.late.add(variable.slot)
    with lowering.into_body([]) as body:
        lowering.expression_statement(lowering.constant("pipeline()", at), at)
        for parameter in resolution.main.parameters:
            given = [lowering.load("arguments", at), lowering.constant(parameter.name, at)]
            lowering.store(parameter.slot, lowering.call("argument", given, at), at)
        last = len(plan.parts) - 1
        for number, part in enumerate(plan.parts):
            is_result = number == last and plan.mode == "pipeline"
            lowering.only_declares = plan.mode != "script" and number == 0
            lowering.statements(part, GIVE if is_result else DISCARD)
        if plan.mode == "module":
            functions.return_names(lowering, resolution.exports, at)
    if changing:
        body.insert(1, ast.Global(changing, **where))
    arguments = ast.arguments([], [ast.arg("arguments", None, None, **where)], None, [], [], None, [])
    main = functions.definition_of("main", arguments, body, where)
    constants = [_data_constant(slot, value) for slot, value in lowering.data]
    return ast.Module([*constants, *lowering.beside_main, main], [])


def _data_constant(slot: str, value: object) -> ast.stmt:
    where = place((1, 1, 1, 2))
    return ast.Assign([ast.Name(slot, STORE, **where)], _data(value), **where)


def _data(value: object) -> ast.expr:
    where = place((1, 1, 1, 2))
    if isinstance(value, dict):
        return ast.Dict([_data(key) for key in value], [_data(item) for item in value.values()], **where)
    if isinstance(value, list):
        return ast.List([_data(item) for item in value], LOAD, **where)
    assert value is None or isinstance(value, str | int | float | bool)
    return ast.Constant(value, **where)


def tail_groups(resolution: Resolution) -> dict[Function, set[Function]]:
    """For each function the functions that it calls, and that call it, in tail position, through any
    number of others (Tarjan's strongly connected components, without recursion)."""
    index: dict[Function, int] = {}
    low: dict[Function, int] = {}
    stack: list[Function] = []
    on_stack: set[Function] = set()
    groups: dict[Function, set[Function]] = {}
    for root in resolution.functions.values():
        if root in index or not root.tail_calls:
            continue
        work: list[tuple[Function, Iterator[Function]]] = []

        def enter(function: Function, work: list[tuple[Function, Iterator[Function]]] = work) -> None:
            index[function] = low[function] = len(index)
            stack.append(function)
            on_stack.add(function)
            work.append((function, iter(function.tail_calls)))

        enter(root)
        while work:
            function, targets = work[-1]
            target = next(targets, None)
            if target is not None:
                if target not in index:
                    enter(target)
                elif target in on_stack:
                    low[function] = min(low[function], index[target])
                continue
            work.pop()
            if work:
                parent = work[-1][0]
                low[parent] = min(low[parent], low[function])
            if low[function] == index[function]:
                group: set[Function] = set()
                while function not in group:
                    member = stack.pop()
                    on_stack.discard(member)
                    group.add(member)
                if len(group) > 1 or function in function.tail_calls:
                    groups.update((member, group) for member in group)
    return groups


def _compile(module: ast.Module, source: Source) -> CodeType:
    try:
        with warnings.catch_warnings():
            # CPython has opinions on style that the script's author cannot act on: since 3.14 on a
            # `return` in a `finally`.
            warnings.simplefilter("ignore", SyntaxWarning)
            return compile(module, source.filename, "exec", dont_inherit=True, optimize=0)
    except SyntaxError as error:
        # The only one that a well-formed tree can raise: CPython nests at most 20 loops and `try`s.
        line = error.lineno or 1
        raise SourceError(
            (
                Diagnostic(
                    code=code("nested-too-deep-blocks"),
                    message="too many loops, `try`, `defer` or `deadline` blocks inside each other",
                    filename=source.filename,
                    line=line,
                    column=error.offset or 1,
                    end_line=line,
                    end_column=(error.offset or 1) + 1,
                    excerpt=source.line(line),
                    label="here",
                    help="move the inner ones into a function",
                ),
            )
        ) from error


@contextmanager
def without_collections() -> Iterator[None]:
    """No cyclic garbage collection meanwhile: compiling makes many objects and no garbage of that kind,
    and the collector, run after run through them all, took half of the time of a large file."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@contextmanager
def deep_recursion() -> Iterator[None]:
    """Room for the recursion of the compiler, whatever the host's limit and depth are.

    Python keeps one limit for all threads; it is only ever raised here, and put back."""
    before = sys.getrecursionlimit()
    if before >= _COMPILE_DEPTH:
        yield
        return
    sys.setrecursionlimit(_COMPILE_DEPTH)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
