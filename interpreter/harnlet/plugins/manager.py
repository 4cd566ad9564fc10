"""Loading plugins and asking them: ours by dotted name, strangers' by entry point, the host's as objects."""

import importlib
import inspect
import logging
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any, Final, NamedTuple

import pluggy

from harnlet.errors.hierarchy import UsageError
from harnlet.plugins import hookspecs
from harnlet.plugins.hookspecs import PROJECT
from harnlet.plugins.notifier import Notifier

DEFAULT_PLUGINS: Final = (
    "harnlet_builtins",
    "harnlet_plugins.tool_calls",
    "harnlet_plugins.commands",
)
"""What an interpreter loads when its host does not say: our own modules, by dotted name."""


_LOG: Final = logging.getLogger("harnlet.plugins")


class PluginError(UsageError):
    """A plugin that cannot be loaded; the message says which and why."""


class PluginInfo(NamedTuple):
    """One loaded plugin, for `harnlet plugins`. `version` is that of its distribution, if known."""

    name: str
    hooks: tuple[str, ...]
    version: str | None


class PluginManager:
    """The plugins of one interpreter. Make it with `load`.

    It is a `harnlet.tools.hooks.Hooks`. Which plugins implement which hook is looked up once, so a
    hook that nobody implements costs one dict look-up.
    """

    def __init__(self) -> None:
        self._pluggy = pluggy.PluginManager(PROJECT)
        self._pluggy.add_hookspecs(hookspecs)
        self._implementations: dict[str, tuple[Implementation, ...]] = {}
        self._notifier = Notifier()

    def register(self, plugin: Any) -> None:
        """Add a plugin: a dotted name, a module or an object. Raises `PluginError`.

        The same one twice is added once. Wrappers (pluggy's `wrapper=True`) are refused: answers
        may be awaitable, and a wrapper would see the awaitable and not the answer.
        """
        found = _imported(plugin) if isinstance(plugin, str) else plugin
        if self._pluggy.is_registered(found):
            return
        name = plugin if isinstance(plugin, str) else _name_of(found)
        try:
            self._pluggy.register(found, name=name)
            self._pluggy.check_pending()
        except (pluggy.PluginValidationError, ValueError) as error:
            if self._pluggy.is_registered(found):
                self._pluggy.unregister(found)
            raise PluginError(f"plugin {name}: {error}") from error
        for caller in self._pluggy.get_hookcallers(found) or ():
            for implementation in caller.get_hookimpls():
                if implementation.plugin is found and (
                    implementation.wrapper or implementation.hookwrapper
                ):
                    self._pluggy.unregister(found)
                    raise PluginError(f"plugin {name}: {caller.name} may not be a wrapper")
        self._implementations.clear()

    def load_entry_points(self) -> int:
        """Add the installed plugins of the entry-point group `harnlet`; how many there were."""
        try:
            count = self._pluggy.load_setuptools_entrypoints(PROJECT)
        except Exception as error:
            # Importing a stranger's module may raise anything; what is asked for is who it was.
            raise PluginError(f"an installed plugin cannot be loaded: {error!r}") from error
        self._implementations.clear()
        return int(count)

    def implementations(self, hook: str) -> tuple["Implementation", ...]:
        """The functions that implement `hook`, in the order they are asked: the last plugin first."""
        found = self._implementations.get(hook)
        if found is None:
            caller = getattr(self._pluggy.hook, hook, None)
            if caller is None:
                raise PluginError(f"there is no hook {hook}")
            found = tuple(
                Implementation(each.function, each.argnames) for each in reversed(caller.get_hookimpls())
            )
            self._implementations[hook] = found
        return found

    def wanted(self, hook: str) -> bool:
        """Whether any plugin implements `hook`."""
        return bool(self.implementations(hook))

    async def ask(self, hook: str, **facts: Any) -> Any:
        """The first answer that is not None; later plugins are not even asked then."""
        for implementation in self.implementations(hook):
            answer = implementation(facts)
            if inspect.isawaitable(answer):
                answer = await answer
            if answer is not None:
                return answer
        return None

    async def each(self, hook: str, **facts: Any) -> list[Any]:
        """All answers that are not None, each awaited before the next plugin is asked.

        A plugin that fails is passed over; the log has its error.
        """
        answers: list[Any] = []
        for implementation in self.implementations(hook):
            try:
                answer = implementation(facts)
                if inspect.isawaitable(answer):
                    answer = await answer
            except Exception:  # noqa: BLE001 - a plugin may raise anything
                _LOG.exception("a plugin failed in %s", hook)
                continue
            if answer is not None:
                answers.append(answer)
        return answers

    def gather(self, hook: str, **facts: Any) -> list[Any]:
        """All answers that are not None; for hooks that are asked while an interpreter is set up."""
        answers = (implementation(facts) for implementation in self.implementations(hook))
        return [answer for answer in answers if answer is not None]

    def tell(self, hook: str, **facts: Any) -> None:
        """Let plugins know; returns at once, and nothing they do comes back."""
        for implementation in self.implementations(hook):
            self._notifier.tell(implementation, facts)

    def list_plugins(self) -> list[PluginInfo]:
        """What is loaded, in the order of loading."""
        versions = {id(plugin): dist.version for plugin, dist in self._pluggy.list_plugin_distinfo()}
        return [
            PluginInfo(
                name,
                tuple(sorted(caller.name for caller in self._pluggy.get_hookcallers(plugin) or ())),
                versions.get(id(plugin)) or _version_of(plugin),
            )
            for name, plugin in self._pluggy.list_name_plugin()
            if plugin is not None
        ]


def load(plugins: Iterable[Any] | None = None, *, entry_points: bool = False) -> PluginManager:
    """A manager with `plugins` loaded: dotted names, modules or objects (None: `DEFAULT_PLUGINS`).

    With `entry_points` installed plugins of the group `harnlet` join too; that is off by default,
    since installing a package should not by itself give it a say. Raises `PluginError`.
    """
    manager = PluginManager()
    for plugin in DEFAULT_PLUGINS if plugins is None else plugins:
        manager.register(plugin)
    if entry_points:
        manager.load_entry_points()
    return manager


def _imported(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise PluginError(f"plugin {name} cannot be imported: {error}") from error


def _name_of(plugin: Any) -> str:
    if isinstance(plugin, ModuleType):
        return plugin.__name__
    kind = plugin if isinstance(plugin, type) else type(plugin)
    return f"{kind.__module__}.{kind.__qualname__}#{id(plugin):x}"


def _version_of(plugin: Any) -> str | None:
    version = getattr(plugin, "__version__", None)
    return version if isinstance(version, str) else None


class Implementation:
    """One plugin's function for one hook; called with all facts, it passes on those it takes."""

    __slots__ = ("_function", "_names", "is_async")

    def __init__(self, function: Callable[..., Any], names: Iterable[str]) -> None:
        self._function = function
        self._names = tuple(names)
        self.is_async = inspect.iscoroutinefunction(function)

    def __call__(self, facts: dict[str, Any]) -> Any:
        return self._function(*[facts[name] for name in self._names])
