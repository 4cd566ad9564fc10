"""The environment: variables, directories, the system and its user. Rules: docs/builtins.md#processes.

Variables and what is told of the host need the capability `environment`, directories `files`.
"""

import asyncio
import os
import sys

from harnlet.runtime.builtin import builtin
from harnlet.runtime.display import display
from harnlet_builtins.calling import calling_files, directory_of
from harnlet_builtins.disk import current_directory
from harnlet_builtins.permission import SystemContext, require


def _variable(name: object) -> str | None:
    """A variable; one whose name cannot be one is not set."""
    text = display(name)
    return os.environ.get(text) if text and "\0" not in text and "=" not in text else None


@builtin("env(name)", section="13.3", effect="system", context=True)
def env(rt: SystemContext, name: object = "") -> str | None:
    """A variable of the environment; nil if it is not set."""
    require(rt, "env", "environment")
    return _variable(name)


@builtin("env_or(name, default)", section="13.3", effect="system", context=True)
def env_or(rt: SystemContext, name: object = "", default: object = None) -> object:
    """A variable of the environment; the default if it is not set."""
    require(rt, "env_or", "environment")
    value = _variable(name)
    return default if value is None else value


# --- directories --------------------------------------------------------------------------------------


def _current(rt: SystemContext, name: str) -> str:
    require(rt, name, "files")
    return current_directory(name)


@builtin("cwd()", section="13.3", effect="system", context=True)
def cwd(rt: SystemContext) -> str:
    """The directory that relative paths belong to."""
    return _current(rt, "cwd")


@builtin("execution_root()", section="13.3", effect="system", context=True)
def execution_root(rt: SystemContext) -> str:
    """The same as `cwd`."""
    return _current(rt, "execution_root")


def _source_dir(rt: SystemContext, name: str) -> str:
    here = _current(rt, name)
    found: str | None = rt.wait(asyncio.to_thread(directory_of, calling_files()))
    return found or here


@builtin("source_dir()", section="13.3", effect="system", context=True)
def source_dir(rt: SystemContext) -> str:
    """The directory of the running source file; the current one for a script that came from none."""
    return _source_dir(rt, "source_dir")


@builtin("asset_root()", section="13.3", effect="system", context=True)
def asset_root(rt: SystemContext) -> str:
    """The same as `source_dir`."""
    return _source_dir(rt, "asset_root")


MANIFEST = "harn.toml"


def project_root_of(start: str) -> str | None:
    """The nearest directory, from `start` upwards, with a manifest."""
    directory = start
    while not os.path.isfile(os.path.join(directory, MANIFEST)):
        above = os.path.dirname(directory)
        if above == directory:
            return None
        directory = above
    return directory


@builtin("project_root()", section="13.3", effect="system", context=True)
async def project_root(rt: SystemContext) -> str | None:
    """The nearest directory, from the current one upwards, that holds a `harn.toml`; else nil."""
    return await asyncio.to_thread(project_root_of, _current(rt, "project_root"))


@builtin("runtime_paths()", section="13.3", effect="system", context=True)
def runtime_paths(rt: SystemContext) -> dict[str, object]:
    """`{execution_root, asset_root, state_root, run_root, worktree_root}`; the variables HARN_STATE_DIR,
    HARN_RUN_DIR and HARN_WORKTREE_DIR replace the last three."""
    base = _current(rt, "runtime_paths")
    state = os.path.join(base, os.environ.get("HARN_STATE_DIR") or ".harn")
    runs = os.path.join(base, os.environ.get("HARN_RUN_DIR") or ".harn-runs")
    worktrees = os.environ.get("HARN_WORKTREE_DIR")
    return {
        "execution_root": base,
        "asset_root": _source_dir(rt, "runtime_paths"),
        "state_root": state,
        "run_root": runs,
        "worktree_root": os.path.join(base, worktrees or os.path.join(".harn", "worktrees")),
    }


# --- the host -----------------------------------------------------------------------------------------


def _user_name() -> str:
    from getpass import getuser

    try:
        return getuser()
    except (KeyError, OSError, ImportError):
        return "unknown"


@builtin("username()", section="13.3", effect="system", context=True)
async def username(rt: SystemContext) -> str:
    """The name of the user that the process runs as."""
    require(rt, "username", "environment")
    return await asyncio.to_thread(_user_name)


@builtin("hostname()", section="13.3", effect="system", context=True)
def hostname(rt: SystemContext) -> str:
    """The name of the computer."""
    require(rt, "hostname", "environment")
    from socket import gethostname

    return gethostname()


@builtin("home_dir()", section="13.3", effect="system", context=True)
async def home_dir(rt: SystemContext) -> str:
    """The home directory of the user."""
    require(rt, "home_dir", "environment")
    return await asyncio.to_thread(os.path.expanduser, "~")


_PLATFORMS = {"win32": "windows", "cygwin": "windows"}
_ARCHITECTURES = {"amd64": "x86_64", "x64": "x86_64", "arm64": "aarch64", "i386": "x86", "i686": "x86"}


@builtin("platform()", section="13.3", effect="system", context=True)
def platform(rt: SystemContext) -> str:
    """The operating system: `darwin`, `linux`, `windows`."""
    require(rt, "platform", "environment")
    return _PLATFORMS.get(sys.platform, sys.platform)


@builtin("arch()", section="13.3", effect="system", context=True)
def arch(rt: SystemContext) -> str:
    """The kind of processor: `x86_64`, `aarch64`, …"""
    require(rt, "arch", "environment")
    import platform as system

    machine = system.machine().lower()
    return _ARCHITECTURES.get(machine, machine)


@builtin("pid()", section="13.3", effect="system", context=True)
def pid(rt: SystemContext) -> int:
    """The id of the process."""
    require(rt, "pid", "environment")
    return os.getpid()
