"""Loading, listing and asking plugins."""

import types
from typing import Any

import pytest

from cancel.support import REGISTRY
from harnlet.plugins import (
    DEFAULT_PLUGINS,
    PluginError,
    hookimpl,
    load,
    missing_plugin_text,
    plugin_for,
)


def test_our_own_modules_load_by_dotted_name_like_anybody_elses() -> None:
    manager = load([REGISTRY])
    (info,) = manager.list_plugins()
    assert info.name == REGISTRY
    assert info.hooks == ("harnlet_stdlib_modules", "harnlet_tool_call_registry")
    ((module,),) = manager.gather("harnlet_stdlib_modules")
    assert [builtin.name for builtin in module["builtins"]] == [
        "cancel_in_flight_tool_call",
        "cancel_session_tool_calls",
        "in_flight_tool_calls",
    ]


def test_the_defaults_load() -> None:
    assert [info.name for info in load().list_plugins()] == list(DEFAULT_PLUGINS)


def test_nothing_at_all() -> None:
    manager = load([])
    assert manager.list_plugins() == []
    assert not manager.wanted("harnlet_tools")
    assert manager.gather("harnlet_tools") == []


def test_an_unknown_module_is_named() -> None:
    with pytest.raises(PluginError, match=r"plugin no_such\.module cannot be imported"):
        load(["no_such.module"])


def test_a_misspelt_hook_is_named() -> None:
    class Typo:
        @hookimpl
        def harnlet_tool(self) -> list[Any]:
            return []

    with pytest.raises(PluginError, match="harnlet_tool"):
        load([Typo()])


def test_a_wrong_parameter_is_named() -> None:
    class Wrong:
        @hookimpl
        def harnlet_before_tool_call(self, sesion: str) -> None:
            return None

    with pytest.raises(PluginError, match="sesion"):
        load([Wrong()])


def test_a_refused_plugin_leaves_nothing_behind() -> None:
    class Wrong:
        @hookimpl
        def harnlet_tools(self) -> list[Any]:
            return []

        @hookimpl
        def harnlet_misspelt(self) -> None:
            return None

    manager = load([])
    with pytest.raises(PluginError):
        manager.register(Wrong())
    assert manager.list_plugins() == []
    assert not manager.wanted("harnlet_tools")


def test_wrappers_are_refused() -> None:
    class Wrapper:
        @hookimpl(wrapper=True)
        def harnlet_tools(self) -> Any:
            return (yield)

    with pytest.raises(PluginError, match="harnlet_tools may not be a wrapper"):
        load([Wrapper()])


def test_the_same_plugin_twice_is_loaded_once() -> None:
    manager = load([REGISTRY, REGISTRY])
    assert len(manager.list_plugins()) == 1


def test_two_objects_of_one_class_are_two_plugins() -> None:
    class Tools:
        @hookimpl
        def harnlet_tools(self) -> list[Any]:
            return [len]

    manager = load([Tools(), Tools()])
    assert manager.gather("harnlet_tools") == [[len], [len]]


def test_a_module_is_named_and_its_version_is_shown() -> None:
    module = types.ModuleType("my_plugin")
    module.__dict__["__version__"] = "1.2"

    @hookimpl
    def harnlet_tools() -> list[Any]:
        return []

    module.__dict__["harnlet_tools"] = harnlet_tools
    (info,) = load([module]).list_plugins()
    assert info == ("my_plugin", ("harnlet_tools",), "1.2")


def test_plugins_registered_later_are_asked_too() -> None:
    manager = load([])
    assert not manager.wanted("harnlet_tools")

    class Late:
        @hookimpl
        def harnlet_tools(self) -> list[Any]:
            return [len]

    manager.register(Late())
    assert manager.wanted("harnlet_tools")
    assert manager.gather("harnlet_tools") == [[len]]


def test_a_hook_that_does_not_exist() -> None:
    with pytest.raises(PluginError, match="there is no hook harnlet_nothing"):
        load([]).wanted("harnlet_nothing")


async def test_order_and_priority() -> None:
    def plugin(name: str, first: bool = False) -> Any:
        class Plugin:
            @hookimpl(tryfirst=first)
            async def harnlet_before_tool_call(self) -> dict[str, Any]:
                return {"deny": name}

        return Plugin()

    manager = load([plugin("a", first=True), plugin("b"), plugin("c")])
    facts: dict[str, Any] = {"session": "s", "call": {}}
    assert await manager.ask("harnlet_before_tool_call", **facts) == {"deny": "a"}
    answers = await manager.each("harnlet_before_tool_call", **facts)
    assert [answer["deny"] for answer in answers] == ["a", "c", "b"]


async def test_a_plugin_that_fails_is_passed_over_where_all_are_asked(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Failing:
        @hookimpl
        def harnlet_after_tool_call(self) -> None:
            raise ValueError("broken")

    class Fine:
        @hookimpl
        def harnlet_after_tool_call(self) -> dict[str, Any]:
            return {"result": 1}

    manager = load([Fine(), Failing()])
    facts: dict[str, Any] = {"session": "s", "call": {}, "result": {}}
    assert await manager.each("harnlet_after_tool_call", **facts) == [{"result": 1}]
    assert "a plugin failed in harnlet_after_tool_call" in caplog.text


def test_installed_plugins_join_only_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.metadata

    module = types.ModuleType("installed_plugin")

    @hookimpl
    def harnlet_tools() -> list[Any]:
        return [len]

    module.__dict__["harnlet_tools"] = harnlet_tools

    class EntryPoint:
        group = "harnlet"
        name = "installed"

        def load(self) -> types.ModuleType:
            return module

    class Distribution:
        metadata = {"name": "installed-plugin"}  # noqa: RUF012 - a stand-in for a distribution
        version = "9.9"
        entry_points = [EntryPoint()]  # noqa: RUF012

    monkeypatch.setattr(importlib.metadata, "distributions", lambda: [Distribution()])
    assert load([]).list_plugins() == []
    (info,) = load([], entry_points=True).list_plugins()
    assert info == ("installed", ("harnlet_tools",), "9.9")


def test_an_installed_plugin_that_cannot_be_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.metadata

    class EntryPoint:
        group = "harnlet"
        name = "broken"

        def load(self) -> Any:
            raise ZeroDivisionError

    class Distribution:
        metadata = {"name": "broken-plugin"}  # noqa: RUF012
        version = "1"
        entry_points = [EntryPoint()]  # noqa: RUF012

    monkeypatch.setattr(importlib.metadata, "distributions", lambda: [Distribution()])
    with pytest.raises(PluginError, match="an installed plugin cannot be loaded: ZeroDivisionError"):
        load([], entry_points=True)


def test_well_known_names_say_which_plugin_brings_them() -> None:
    assert plugin_for("cancel_in_flight_tool_call") == REGISTRY
    assert plugin_for("println") is None
    assert missing_plugin_text("cancel_in_flight_tool_call") == (
        "`cancel_in_flight_tool_call` is provided by the plugin harnlet_plugins.tool_calls, "
        "which is not loaded"
    )
    assert missing_plugin_text("println") is None


def test_every_well_known_name_is_true() -> None:
    from harnlet.plugins.providers import PROVIDERS

    for name, plugin in PROVIDERS.items():
        modules = [module for found in load([plugin]).gather("harnlet_stdlib_modules") for module in found]
        names = {builtin.name for module in modules for builtin in module["builtins"]}
        assert name in names, f"{plugin} does not bring {name}"
