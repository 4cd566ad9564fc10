"""The interpreter: compiling and running scripts, with all that belongs to one of them wired together."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self

from harnlet.api.builtin_tables import BoundBuiltins, Builtins, Constants
from harnlet.api.declared import (
    CONSTANT_VALUES,
    CORE_PLUGIN,
    capability_set,
    check_isolation,
    scripts_of,
)
from harnlet.api.tool_calls import ToolCalls
from harnlet.check.module_info import Exports, Loader
from harnlet.compile.program import Program
from harnlet.errors.hierarchy import LimitError, UsageError
from harnlet.host.embedded import Helpers
from harnlet.host.outcome import to_error, to_limit_error, to_result
from harnlet.host.output import OutputTarget, output_writer
from harnlet.modules.code_cache import CodeCache, surroundings_of
from harnlet.modules.loader import ModuleLoader
from harnlet.modules.running import ModuleRuns
from harnlet.modules.unit import Compiled, Unit
from harnlet.plugins import PluginInfo, load
from harnlet.plugins.manager import DEFAULT_PLUGINS
from harnlet.plugins.providers import PROVIDERS
from harnlet.runtime import caps
from harnlet.runtime.builtin import Builtin, console_of_run
from harnlet.runtime.console import Console, SilentConsole
from harnlet.runtime.context import Runtime
from harnlet.runtime.conversion import to_script
from harnlet.runtime.instance import instantiate
from harnlet.runtime.limits import Limits, LimitStop, ScriptExit
from harnlet.sched.scheduler import Scheduler
from harnlet.sched.task import Task
from harnlet.session.ids import IdSource
from harnlet.session.sessions import DEFAULT_LIMIT
from harnlet.session.store import TranscriptStore
from harnlet.tools.admission import ToolPolicy
from harnlet.tools.host import ToolHost

if TYPE_CHECKING:
    from harnlet.host.worker_runs import Workers


class Interpreter(ToolCalls):
    """A Harnlet interpreter: compiles and runs scripts, keeps sessions, runs and stops tool calls.

    Use it as an async context manager; it belongs to the event loop it is first used in. Many can live
    in one process.

    `plugins`: dotted names, modules or objects, in place of `DEFAULT_PLUGINS`; the core builtins are
    always there. `tools`: functions (see `tool`) that calls can be dispatched to. `capabilities`:
    `"none"`, `"all"`, or some of `files`, `processes`, `network` (or `network:HOST`), `environment`.
    `limits`: see `Limits`. `output`: where scripts print to, a text stream or a function that takes text;
    standard output if None. `entry_points`: also load the installed plugins of the group `harnlet`.
    `clock`: replaces time, for tests and replays (`harnlet.session.clock.ManualClock`). `console`: the
    standard input and error that scripts see; by default an empty one and none. `code_cache`: where
    compiled programs are kept for the next process (docs/embedding.md#the-code-cache). `policy`: which
    tools may be called at all. `store`: keeps transcripts beyond the process, in place of that of a
    plugin. `session_limit`: how many sessions are kept, None for all. `ids`: replaces the source of ids.
    `short_slices`: while a script computes, lower `sys.setswitchinterval`, which is the whole process's, to
    0.5 ms, so that the event loop gets its turn every 2.5 ms and not every 7.
    `isolation`: with `"process"` each run is in a worker process of its own (docs/limits.md#isolation).
    """

    def __init__(
        self,
        *,
        plugins: Iterable[Any] | None = None,
        tools: Iterable[Any] = (),
        capabilities: str | Iterable[str] = "none",
        limits: Limits | None = None,
        output: OutputTarget | None = None,
        entry_points: bool = False,
        clock: Any = None,
        console: Console | None = None,
        code_cache: CodeCache | None = None,
        policy: ToolPolicy | None = None,
        store: TranscriptStore | None = None,
        session_limit: int | None = DEFAULT_LIMIT,
        ids: IdSource | None = None,
        short_slices: bool = True,
        isolation: Literal["none", "process"] = "none",
    ) -> None:
        self.limits = Limits() if limits is None else limits
        check_isolation(isolation, self.limits, clock)
        self.capabilities = capability_set(capabilities)
        wanted = DEFAULT_PLUGINS if plugins is None else tuple(plugins)
        core = () if CORE_PLUGIN in wanted else (CORE_PLUGIN,)
        self._plugins = load([*core, *wanted], entry_points=entry_points)
        self._host = ToolHost(
            self._plugins,
            tools=tools,
            capabilities=self.capabilities,
            policy=policy,
            clock=clock,
            ids=ids,
            store=store,
            session_limit=session_limit,
        )
        self._runtime = Runtime(
            output_writer(output, self.limits.output_bytes), self.capabilities, self.limits
        )
        caps.respect(self.limits)
        self._runtime.clock = self._host.clock
        self._runtime.services = self._host
        if console is not None:
            self._runtime.states[console_of_run] = console
        self._scheduler = Scheduler(self._runtime)
        self._scheduler.short_slices = short_slices
        modules = self._plugins.gather("harnlet_stdlib_modules")
        self._builtins = Builtins(modules)
        self._scripts = scripts_of(modules)
        self._bound = BoundBuiltins(self._builtins, self._runtime)
        self._shapes = self._builtins.shapes
        self._constants = Constants(CONSTANT_VALUES, self._bound)
        self._constant_names = frozenset({*self._constants, "argv"})
        self._runtime.builtin_names = self._shapes.keys()
        self._runtime.constant_names = self._constant_names
        self._code_cache = code_cache
        self._surroundings = b""
        self._helpers = Helpers(self._scheduler, self._host).table()
        self._modules = ModuleRuns(self._instance, self._current_run)
        self._instances: dict[int, tuple[Program, Callable[[dict[str, object]], object]]] = {}
        self._runs: set[asyncio.Task[Any]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False
        self._workers = self._make_workers(console) if isolation == "process" else None
        self._transports = self._plugins.gather("harnlet_cancel_transport", cancel=self._host.cancel)
        self._started_transports: list[Any] = []

    # --- life ----------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        self._enter_loop()
        try:
            for transport in self._transports:
                await transport.start()
                self._started_transports.append(transport)
        except BaseException:
            await self.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """End every run and every tool call in flight, and wait until they have ended."""
        if self._closed:
            return
        self._closed = True
        for transport in reversed(self._started_transports):
            await transport.aclose()
        await self._host.aclose()
        for run in list(self._runs):
            run.cancel()
        if self._runs:
            await asyncio.wait(set(self._runs))
        await self._close_states()
        self._scheduler.close()

    async def _close_states(self) -> None:
        """Close what families of builtins keep open, connections for example."""
        for state in list(self._runtime.states.values()):
            close = getattr(state, "aclose", None)
            if close is not None:
                await close()

    def _enter_loop(self) -> asyncio.AbstractEventLoop:
        loop = asyncio.get_running_loop()
        if self._closed:
            raise UsageError("this interpreter is closed")
        if self._loop is not None and self._loop is not loop and self._runs:
            raise UsageError("this interpreter is running in another event loop")
        self._loop = loop
        return loop

    # --- scripts -------------------------------------------------------------------------------

    def compile(
        self, source: str, filename: str = "<script>", *, inline: bool = False, optimise: bool = True
    ) -> Program:
        """Compile a source text; the program can be run many times.

        `filename` is the name that diagnostics show. `inline` code is the body of a pipeline with a
        parameter `task`, so its last expression is its value. Without `optimise` the program is slower and
        does the same; that is for hunting bugs of ours. Raises SourceError with all diagnostics.
        """
        return self._loader(filename).program(
            Unit(source, filename, "inline" if inline else "file", optimise), _directory_of(filename)
        )

    def python_source(
        self, source: str, filename: str = "<script>", *, inline: bool = False, optimise: bool = True
    ) -> str:
        """The Python that `compile` makes of a source text, to be read and not to be run: with the lines of
        the script as comments. Raises SourceError."""
        from harnlet.compile.compiler import python_source

        return python_source(
            source,
            filename,
            self._shapes,
            self._constant_names,
            PROVIDERS,
            load=self._loader(filename).loader(_directory_of(filename)),
            form="inline" if inline else "file",
            optimise=optimise,
        )

    def _loader(self, filename: str) -> ModuleLoader:
        """A loader for the modules of a program with that name."""
        root = None if "files" in self.capabilities else _directory_of(filename)
        if self._code_cache is not None and not self._surroundings:
            self._surroundings = surroundings_of(self._shapes, self._constant_names)
        return ModuleLoader(self._scripts, root, self._compile_unit, self._code_cache, self._surroundings)

    def _compile_unit(
        self,
        unit: Unit,
        load: Loader,
        modules: Mapping[str, Program],
        declare: Callable[[Exports], None],
    ) -> Compiled:
        from harnlet.modules.compiling import compile_unit

        return compile_unit(
            unit,
            load,
            modules,
            declare,
            builtins=self._shapes,
            constants=self._constant_names,
            provided=PROVIDERS,
        )

    async def run(
        self,
        program: Program | str,
        args: Mapping[str, Any] | None = None,
        *,
        filename: str = "<script>",
        argv: Iterable[str] = (),
        session: str = "",
    ) -> Any:
        """Run a program, or a source text, and return its value as host data.

        `args` are bound by name to the parameters of the entry pipeline; `argv` is the script's list
        of that name; `session` is the id of the session that its tool calls belong to unless they say
        otherwise. Tasks that the program started and did not await are cancelled when it ends. A program
        that calls `exit(code)` has that code as its value.

        Raises SourceError, ScriptError (an error that the script did not catch), HostCallError (with
        the exception of the host's function as cause), LimitError, InternalError; and CancelledError
        when the caller is cancelled.
        """
        value = await self._run(program, args, filename, argv, session)
        return to_result(value)

    async def run_value(
        self,
        program: Program | str,
        args: Mapping[str, Any] | None = None,
        *,
        filename: str = "<script>",
        argv: Iterable[str] = (),
        session: str = "",
    ) -> Any:
        """Like `run`, with the value as scripts see it; for front ends that show or inspect it."""
        return await self._run(program, args, filename, argv, session)

    def run_sync(
        self, program: Program | str, args: Mapping[str, Any] | None = None, *, filename: str = "<script>"
    ) -> Any:
        """Run a program from code that is not async, in an event loop of its own.

        Raises UsageError inside a running event loop: `await` `run` there.
        """
        if asyncio._get_running_loop() is not None:
            raise UsageError("run_sync cannot be called inside a running event loop: use `await run(...)`")
        return asyncio.run(self._run_alone(program, args, filename))

    async def _run_alone(self, program: Program | str, args: Mapping[str, Any] | None, filename: str) -> Any:
        try:
            return await self.run(program, args, filename=filename)
        finally:
            # The event loop ends with the run, so nothing that belongs to it can stay open.
            await self._close_states()

    async def _run(
        self,
        program: Program | str,
        args: Mapping[str, Any] | None,
        filename: str,
        argv: Iterable[str],
        session: str,
    ) -> Any:
        loop = self._enter_loop()
        given = to_script(dict(args or {}), "args")
        assert isinstance(given, dict)
        if self._workers is not None:
            return await self._run_in_worker(self._workers, program, given, filename, argv, session)
        ready = self.compile(program, filename) if isinstance(program, str) else program
        main = self._instance(ready)
        task = self._scheduler.new_task("pipeline", session)
        task.run.argv = list(argv)
        running = loop.create_task(self._scheduler.run(task, main, given))
        task.asyncio_task = running
        self._runs.add(running)
        started = time.monotonic()
        overrun: list[float] = []

        def overran() -> None:
            overrun.append(time.monotonic() - started)
            self._stop_run(task, running)

        timer = None
        if self.limits.seconds is not None:
            timer = loop.call_later(self.limits.seconds, overran)
        try:
            await asyncio.wait({running})
        except asyncio.CancelledError:
            self._stop_run(task, running)
            await asyncio.wait({running})
            raise
        finally:
            if timer is not None:
                timer.cancel()
            self._runs.discard(running)
            self._modules.forget(task)
            await self._scheduler.end_all(self._scheduler.tasks_of(task))
        if running.cancelled():
            if overrun:
                raise LimitError("seconds", overrun[0], self.limits.seconds or 0)
            raise asyncio.CancelledError
        error = running.exception()
        if error is None:
            return running.result()
        if isinstance(error, ScriptExit):
            return error.code
        if isinstance(error, LimitStop):
            raise to_limit_error(error) from None
        failure = to_error(error)
        if failure is error:
            raise failure
        raise failure from failure.__cause__ or error

    def _make_workers(self, console: Console | None) -> "Workers":
        from harnlet.host.worker_runs import Workers, runs_in_host

        return Workers(
            self._scheduler,
            self._host,
            {name: self._bound[name] for name in self._builtins if runs_in_host(self._builtins.home(name))},
            self._scripts,
            self.limits,
            self.capabilities,
            SilentConsole() if console is None else console,
        )

    async def _run_in_worker(
        self,
        workers: "Workers",
        program: Program | str,
        given: dict[str, object],
        filename: str,
        argv: Iterable[str],
        session: str,
    ) -> Any:
        from harnlet.host.worker_runs import Job

        if isinstance(program, str):
            job = Job(program, filename, "file", given, list(argv), session)
        else:
            source = "\n".join(program.lines)
            job = Job(source, program.filename, program.form, given, list(argv), session)
        running = asyncio.create_task(workers.run(job))
        self._runs.add(running)
        try:
            await asyncio.wait({running})
        except asyncio.CancelledError:
            running.cancel()
            await asyncio.wait({running})
            raise
        finally:
            self._runs.discard(running)
        return running.result()

    def _stop_run(self, task: Task, running: "asyncio.Task[Any]") -> None:
        running.cancel()
        for inner in self._scheduler.tasks_of(task):
            self._scheduler.cancel_task(inner)
        self._runtime.want_attention()

    def _instance(self, program: Program) -> Callable[[dict[str, object]], object]:
        """The program's code bound to this interpreter, kept: loading it costs more than calling it."""
        known = self._instances.get(id(program))
        if known is None:
            missing = sorted((program.builtins | program.values) - self._shapes.keys() - self._constant_names)
            if missing:
                raise UsageError(f"the program was compiled with builtins that are not loaded: {missing}")
            if len(self._instances) >= 256:
                self._instances.clear()
            helpers = {**self._helpers, **self._modules.helpers(program)}
            main = instantiate(program, self._runtime, self._bound, self._constants, helpers)
            known = self._instances[id(program)] = program, main
        return known[1]

    def _current_run(self) -> object:
        task: Task = self._runtime.task
        return task.root

    def plugins(self) -> list[PluginInfo]:
        """The loaded plugins, with their hooks and versions."""
        return self._plugins.list_plugins()

    def builtins(self) -> Mapping[str, Builtin]:
        """The declarations of all builtins, by name: signature, doc, effect."""
        return self._builtins


def _directory_of(filename: str) -> Path | None:
    """Where the imports of a program start: the folder of its file, if it is one."""
    file = Path(filename)
    try:
        return file.parent if file.is_file() else None
    except OSError:  # a name that no file can have
        return None
