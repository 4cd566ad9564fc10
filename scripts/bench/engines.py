"""The languages that run the benchmark programs, each behind `prepare(path, n)`.

Preparing parses and compiles as far as the language lets its embedder do that ahead; what is timed is running
`main(n)` and getting its result as a Python value. A rival is imported when it is first used, and one that is
not installed is reported, not left out.
"""

import asyncio
import importlib
import os
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harnlet import Program

PROGRAMS = Path(__file__).parent / "programs"

Run = Callable[[], tuple[float, object]]
"""Runs a prepared program once: the seconds of processor time it took, and its result. On a busy machine the
time that passes says more about the others; everything here computes and waits for nothing."""


class MissingError(Exception):
    """The rival is not installed."""


class InexpressibleError(Exception):
    """The rival's language has no way to write the program."""


class Engine(ABC):
    """One language. `slow` ones get smaller inputs, and are compared with Python on the same ones."""

    name = ""
    package = ""
    suffix = ""
    slow = False
    lacks: Mapping[str, str] = MappingProxyType({})
    """Why a program has no file for this language."""

    @property
    def release(self) -> str:
        """The version that is installed. Raises MissingError."""
        try:
            return version(self.package)
        except PackageNotFoundError:
            raise MissingError(f"{self.package} is not installed") from None

    def source(self, program: str) -> str:
        """The program's text. Raises InexpressibleError when there is none for this language."""
        path = self.path(program)
        if not path.exists():
            raise InexpressibleError(self.lacks.get(program, f"there is no {path.name}"))
        return path.read_text(encoding="utf-8")

    def path(self, program: str) -> Path:
        """The file of the program: one for this language alone, else the one of its suffix."""
        own = PROGRAMS / f"{program}.{self.name.lower()}{self.suffix}"
        return own if own.exists() else PROGRAMS / f"{program}{self.suffix}"

    @abstractmethod
    def prepare(self, program: str, n: int) -> Run:
        """Get `main(n)` ready. Raises MissingError and InexpressibleError."""

    def close(self) -> None:
        """Give back what the engine holds; nothing, unless it says otherwise."""
        return


def timed(function: Callable[[], object]) -> Run:
    """Time each call."""

    def run() -> tuple[float, object]:
        started = time.process_time()
        result = function()
        return time.process_time() - started, result

    return run


class Harnlet(Engine):
    """Harnlet, safe points on, in an event loop, as any embedder runs it."""

    name = "Harnlet"
    package = "harnlet"
    suffix = ".harn"

    def __init__(self, variant: str = "", optimise: bool = True) -> None:
        from harnlet import Interpreter

        self.variant = variant
        self.optimise = optimise
        self.interpreter = Interpreter()
        self.runner = asyncio.Runner()

    def path(self, program: str) -> Path:
        return PROGRAMS / f"{program}{self.variant}.harn"

    def prepare(self, program: str, n: int) -> Run:
        return self.prepare_text(f"{self.source(program)}\nreturn main({n})\n", f"{program}.harn")

    def prepare_text(self, text: str, filename: str) -> Run:
        """Get a source text ready."""
        return self.prepare_program(self.interpreter.compile(text, filename, optimise=self.optimise))

    def prepare_program(self, compiled: "Program") -> Run:
        """Get a compiled program ready."""

        async def once() -> tuple[float, object]:
            started = time.process_time()
            result = await self.interpreter.run(compiled)
            return time.process_time() - started, result

        return lambda: self.runner.run(once())

    def close(self) -> None:
        self.runner.run(self.interpreter.aclose())
        self.runner.close()


class Python(Engine):
    """CPython, the way a Python programmer writes it."""

    name = "Python"
    suffix = ".py"

    def __init__(self, variant: str = "") -> None:
        self.variant = variant

    @property
    def release(self) -> str:
        import platform

        return platform.python_version()

    def path(self, program: str) -> Path:
        return PROGRAMS / f"{program}{self.variant}.py"

    def prepare(self, program: str, n: int) -> Run:
        names: dict[str, Any] = {"__name__": program}
        exec(compile(self.source(program), str(self.path(program)), "exec"), names)
        main = names["main"]
        return timed(lambda: main(n))


class Monty(Engine):
    """Monty runs in a worker process; a call costs a round trip to it, which is part of how it is used. What
    counts is the processor time of both processes."""

    name = "Monty"
    package = "pydantic-monty"
    suffix = ".py"

    def __init__(self) -> None:
        self.pool: Any = None
        self.sessions: list[Any] = []

    def prepare(self, program: str, n: int) -> Run:
        monty = _imported("pydantic_monty", self.package)
        if self.pool is None:
            self.pool = monty.Monty(max_processes=1, request_timeout=60)
            self.pool.__enter__()
        self.drop()
        session = self.pool.checkout().__enter__()
        self.sessions.append(session)
        try:
            session.feed_run(self.source(program))
            session.feed_run(f"main({n})")
        except monty.MontyError as error:
            raise InexpressibleError(str(error).strip().splitlines()[-1]) from None
        run = timed(lambda: session.feed_run(f"main({n})"))
        worker = _child()

        def both() -> tuple[float, object]:
            before = _processor_seconds(worker)
            seconds, result = run()
            return seconds + _processor_seconds(worker) - before, result

        return both

    def drop(self) -> None:
        while self.sessions:
            self.sessions.pop().__exit__(None, None, None)

    def close(self) -> None:
        self.drop()
        if self.pool is not None:
            self.pool.__exit__(None, None, None)


class Starlark(Engine):
    """starlark-rust, through its Python binding, with the extensions that the programs use."""

    name = "starlark-rust"
    package = "starlark-pyo3"
    suffix = ".star"
    lacks = MappingProxyType(
        {
            "struct_fields": "structs cannot be changed",
            "nbody": "structs cannot be changed, and there is no square root",
            "exceptions": "errors cannot be caught",
        }
    )

    def prepare(self, program: str, n: int) -> Run:
        starlark = _imported("starlark", self.package)
        extension = starlark.LibraryExtension
        names = starlark.Globals.extended_by(
            [extension.StructType, extension.Map, extension.Filter, extension.Json]
        )
        module = starlark.Module()
        tree = starlark.parse(f"{program}.star", self.source(program), starlark.Dialect.extended())
        starlark.eval(module, tree, names)
        frozen = module.freeze()
        return timed(lambda: frozen.call("main", n))


class Lua(Engine):
    """Lua 5.4 through lupa."""

    name = "Lua 5.4"
    package = "lupa"
    suffix = ".lua"
    lacks = MappingProxyType({"json_transform": "there is no JSON in the standard library"})
    module = "lupa.lua54"

    def prepare(self, program: str, n: int) -> Run:
        runtime = _imported(self.module, self.package).LuaRuntime(unpack_returned_tuples=True)
        runtime.execute(self.source(program))
        main = runtime.globals().main
        return timed(lambda: main(n))


class LuaJit(Lua):
    """LuaJIT through lupa: the same programs."""

    name = "LuaJIT"
    module = "lupa.luajit21"


class Asteval(Engine):
    """asteval walks Python's syntax tree, parsed once when `main` is defined."""

    name = "asteval"
    package = "asteval"
    suffix = ".py"
    slow = True

    def prepare(self, program: str, n: int) -> Run:
        asteval = _imported("asteval", self.package)
        interpreter = asteval.Interpreter(with_import=True, with_importfrom=True)
        interpreter(self.source(program), show_errors=False)
        _asteval_problem(interpreter)
        main = interpreter.symtable["main"]

        def call() -> object:
            result = main(n)
            _asteval_problem(interpreter)
            return result

        return timed(call)


class RestrictedPython(Engine):
    """RestrictedPython with its own guards, where it brings any."""

    name = "RestrictedPython"
    package = "RestrictedPython"
    suffix = ".py"

    def prepare(self, program: str, n: int) -> Run:
        restricted = _imported("RestrictedPython", self.package)
        guards = importlib.import_module("RestrictedPython.Guards")
        iteration = importlib.import_module("RestrictedPython.Eval")
        result = restricted.compile_restricted_exec(self.source(program), self.path(program).name)
        if result.errors:
            raise InexpressibleError(result.errors[0])
        more = {"map": map, "filter": filter, "list": list, "dict": dict, "sorted": sorted}
        more["__import__"] = _import_json
        names: dict[str, Any] = {
            "__builtins__": {**guards.safe_builtins, **more},
            "__metaclass__": type,
            "__name__": program,
            "_getattr_": guards.safer_getattr,
            "_getitem_": iteration.default_guarded_getitem,
            "_getiter_": iteration.default_guarded_getiter,
            "_iter_unpack_sequence_": guards.guarded_iter_unpack_sequence,
            "_unpack_sequence_": guards.guarded_unpack_sequence,
            "_write_": guards.full_write_guard if program not in _WRITES_ATTRIBUTES else _any_write,
            "_inplacevar_": _in_place,
        }
        exec(result.code, names)
        main = names["main"]
        return timed(lambda: main(n))


_WRITES_ATTRIBUTES = frozenset({"struct_fields", "methods", "nbody"})
"""`full_write_guard` refuses attributes of classes that do not ask for it; an embedder lets them through."""


def _any_write(value: object) -> object:
    return value


def _in_place(operator: str, left: Any, right: Any) -> Any:
    """What embedders write for `+=` on names."""
    if operator == "+=":
        return left + right
    if operator == "-=":
        return left - right
    raise InexpressibleError(operator)


def _import_json(name: str, *rest: object) -> object:
    if name != "json":
        raise InexpressibleError(f"import {name}")
    return importlib.import_module(name)


def _child() -> int:
    """The only child of this process: Monty's worker."""
    (child,) = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split()
    return int(child)


def _processor_seconds(process: int) -> float:
    """The processor time of all threads of a process, in nanoseconds' precision, as Linux counts it."""
    threads = Path(f"/proc/{process}/task").glob("*/schedstat")
    return sum(int(thread.read_text(encoding="ascii").split()[0]) for thread in threads) / 1e9


def _asteval_problem(interpreter: Any) -> None:
    if interpreter.error:
        problem = interpreter.error[0].get_error()
        interpreter.error.clear()
        raise InexpressibleError(f"{problem[0]}: {problem[1].strip().splitlines()[-1].strip()}")


def _imported(module: str, package: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError:
        raise MissingError(f"{package} is not installed") from None


def rivals() -> list[Engine]:
    """All but Harnlet and CPython."""
    return [Monty(), Starlark(), Lua(), LuaJit(), Asteval(), RestrictedPython()]
