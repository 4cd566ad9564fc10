"""A program made ready to run in one interpreter: its code with the globals that it refers to.

`BASE` is the whole of what generated code can name besides its own variables, the builtins that the
program mentions, and the two flags of its safe points, which stand where Python's own builtins would.
"""

from collections.abc import Callable, Iterable, Mapping
from sys import getrefcount
from typing import Any

from harnlet.check.arity import LIST_ARITY, TEXT_ARITY
from harnlet.compile.program import Program
from harnlet.errors.faults import Thrown
from harnlet.runtime import access, calls, caps, declarations, operators, ordering, places, support
from harnlet.runtime.builtin import Builtin
from harnlet.runtime.context import Runtime
from harnlet.runtime.display import display
from harnlet.runtime.equality import equals, not_equals
from harnlet.runtime.faulting import PROGRAM_KEY, caught
from harnlet.runtime.iteration import iterate
from harnlet.runtime.iterators import GeneratorValue, StreamValue
from harnlet.runtime.metering import weigh_results
from harnlet.runtime.methods import METHODS
from harnlet.runtime.schema_check import check_parameter
from harnlet.runtime.struct_calls import MISSING
from harnlet.runtime.values import Duration, EnumValue, StructType, err

_SMALL = 1 << 62


def _module_functions(module: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(module, name) for name in names}


def _methods(prefix: str, receiver: type, names: Iterable[str]) -> dict[str, Any]:
    return {f"{prefix}_{name}": METHODS[receiver][name] for name in names}


BASE: dict[str, Any] = {
    "Exception": Exception,
    "IndexError": IndexError,
    "KeyError": KeyError,
    "MISSING": MISSING,
    "bool": bool,
    "dict": dict,
    "float": float,
    "getrefcount": getrefcount,
    "int": int,
    "list": list,
    "range": range,
    "len": len,
    "display": display,
    "equals": equals,
    "not_equals": not_equals,
    "iterate": iterate,
    "caught": caught,
    "check_parameter": check_parameter,
    "err": err,
    "Duration": Duration,
    "EnumValue": EnumValue,
    "StructType": StructType,
    "GeneratorValue": GeneratorValue,
    "StreamValue": StreamValue,
    "Thrown": Thrown,
    "LOWEST_SMALL": -_SMALL,
    "HIGHEST_SMALL": _SMALL,
    "check_items": caps.check_items,
    "within_cap": support.number_within_cap,
    "call_method": calls.call_method,
    **_module_functions(
        operators,
        "add",
        "subtract",
        "multiply",
        "divide",
        "modulo",
        "power",
        "negate",
        "contains",
        "make_range",
    ),
    **_module_functions(ordering, "less", "less_equal", "greater", "greater_equal"),
    **_module_functions(
        access,
        "get_member",
        "get_member_optional",
        "index",
        "optional_index",
        "slice_",
        "destructure_list",
        "destructure_dict",
        "spread_list",
        "spread_dict",
        "spread_arguments",
    ),
    **_methods("list", list, LIST_ARITY),
    **_methods("text", str, TEXT_ARITY),
    **_module_functions(declarations, "declare_skill", "declare_eval_pack"),
    **_module_functions(
        places,
        "SOLE",
        "HELD_BY_PARENT",
        "put_index",
        "put_member",
        "put_path",
        "struct_copy",
        "push_place",
        "extend_place",
        "spread_place",
        "merge_place",
        "dict_rest",
        "list_rest",
        "new_struct",
    ),
    **_module_functions(
        support,
        "undefined_variable",
        "undefined_callable",
        "immutable",
        "redeclared",
        "argument",
        "is_err",
        "ok_value",
        "as_result",
        "is_enum",
        "is_variant",
        "payload",
        "is_dict",
        "is_list",
        "no_match",
        "text_too_long",
        "Box",
        "fill_box",
        "unbox",
        "call_value",
        "pipe_into",
        "call_method_optional",
        "find_method",
        "TailCall",
        "run_tail_calls",
        "implement",
        "with_default",
        "check_interface",
        "retry_count",
        "retry_again",
    ),
}


def instantiate(
    program: Program,
    rt: Runtime,
    builtins: Mapping[str, Builtin],
    constants: Mapping[str, object],
    helpers: Mapping[str, Callable[..., object]],
) -> Callable[[dict[str, object]], object]:
    """The program's `main(arguments)` for one interpreter.

    `builtins` are bound to it, `constants` are the predefined values, `helpers` the functions that
    its scheduler and tools put at the disposal of generated code (`spawn_task`, `declare_tool`, ...).
    """
    names: dict[str, Any] = {
        **BASE,
        **helpers,
        "__builtins__": rt.flags,
        "rt": rt,
        PROGRAM_KEY: program,
    }
    names["names"] = names  # where `main` puts the functions and structs that others find late
    longest = rt.limits.string_bytes
    most = rt.limits.collection_items
    names["MOST_ITEMS"] = caps.ITEMS if most is None else most
    names["LONGEST_TEXT"] = (caps.TEXT_LENGTH if longest is None else longest) + 1
    for name in program.builtins:
        names[f"call_{name}"] = builtins[name].function
    for name in program.values:
        names[f"value_{name}"] = constants[name] if name in constants else builtins[name]
    if rt.limits.caps_values:
        weigh_results(names, program.builtins)
    exec(program.code, names)
    main: Callable[[dict[str, object]], object] = names["main"]
    return main
