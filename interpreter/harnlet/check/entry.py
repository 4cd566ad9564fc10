"""Which statements of a file run, and in which order (docs/language.md#program-entry)."""

from dataclasses import dataclass
from typing import Literal

from harnlet.syntax import nodes

_DECLARATIONS = (
    nodes.Function,
    nodes.Tool,
    nodes.Skill,
    nodes.EvalPack,
    nodes.Struct,
    nodes.Enum,
    nodes.TypeAliasDeclaration,
    nodes.Interface,
    nodes.Impl,
)


@dataclass(frozen=True, slots=True)
class Plan:
    """`parts[0]` runs in the file's scope; `parts[1]`, in pipeline mode, in the entry's own."""

    mode: Literal["script", "pipeline", "module"]
    parts: tuple[tuple[nodes.Statement, ...], ...]
    parameters: tuple[str, ...] = ()


def plan_program(file: nodes.File) -> Plan:
    """Script mode runs every item in order. A file with a pipeline runs its imports, its variables, its
    declarations and then the pipeline `default`, or else the first, after the parents it extends."""
    imports, others = _split_imports(file)
    pipelines = [item for item in others if isinstance(_bare(item), nodes.Pipeline)]
    if not pipelines:
        return Plan("script", (tuple(imports + others),))
    by_name: dict[str, nodes.Pipeline] = {}
    for item in pipelines:
        pipeline = _bare(item)
        assert isinstance(pipeline, nodes.Pipeline)
        by_name.setdefault(pipeline.name, pipeline)
    entry = by_name.get("default") or next(iter(by_name.values()))
    body: tuple[nodes.Statement, ...] = ()
    current: nodes.Pipeline | None = entry
    seen: set[str] = set()
    while current is not None and current.name not in seen:
        seen.add(current.name)
        body = current.body.statements + body
        current = by_name.get(current.extends) if current.extends else None
    return Plan("pipeline", (tuple(imports + _variables_first(others)), body), entry.parameters)


def plan_inline(file: nodes.File) -> Plan:
    """Code given on the command line is the body of a pipeline `main(task)`, unless it declares one."""
    imports, others = _split_imports(file)
    if any(isinstance(_bare(item), nodes.Pipeline) for item in others):
        return plan_program(file)
    return Plan("pipeline", (tuple(imports), tuple(others)), ("task",))


def plan_module(file: nodes.File) -> Plan:
    """An imported module runs its imports, its variables and its declarations, and nothing else."""
    imports, others = _split_imports(file)
    return Plan("module", (tuple(imports + _variables_first(others)),))


def _bare(item: nodes.Statement) -> nodes.Statement:
    return item.declaration if isinstance(item, nodes.Attributed) else item


def _split_imports(file: nodes.File) -> tuple[list[nodes.Statement], list[nodes.Statement]]:
    imports: list[nodes.Statement] = [item for item in file.items if isinstance(item, nodes.Import)]
    return imports, [item for item in file.items if not isinstance(item, nodes.Import)]


def _variables_first(items: list[nodes.Statement]) -> list[nodes.Statement]:
    variables: list[nodes.Statement] = [item for item in items if isinstance(item, nodes.Let)]
    return variables + [item for item in items if isinstance(_bare(item), _DECLARATIONS)]
