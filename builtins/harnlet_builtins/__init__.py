"""The builtin functions of Harnlet, one module a family; they join the interpreter as a plugin.

Each family declares its functions with `harnlet.runtime.builtin.builtin`; the rules are in
docs/builtins.md, by the section that each declaration names.
"""

import pluggy

from harnlet.runtime.builtin import Builtin, collect
from harnlet_builtins.scripts import StandardScripts

hookimpl = pluggy.HookimplMarker("harnlet")


@hookimpl
def harnlet_stdlib_modules() -> list[Builtin | dict[str, object]]:
    """All builtins of this package, and its modules written in Harnlet."""
    from harnlet_builtins import (
        assertions,
        bytes_values,
        cases,
        clock,
        collections,
        conversion,
        csv_data,
        dates,
        durations,
        encodings,
        environment,
        file_trees,
        files,
        hashes,
        ids,
        jq,
        json_data,
        json_pointer,
        key_pairs,
        logs,
        math,
        output,
        path_names,
        path_text,
        path_workspace,
        random_numbers,
        regex,
        results,
        session_text,
        sessions,
        sets,
        signed_urls,
        statistics,
        streams,
        streams_timed,
        strings,
        tasks,
        terminal,
        tokens,
        toml_data,
        tools_host,
        urls,
        yaml_data,
    )

    families = (
        output,
        logs,
        terminal,
        conversion,
        results,
        math,
        statistics,
        random_numbers,
        strings,
        cases,
        path_names,
        collections,
        sets,
        streams,
        streams_timed,
        tasks,
        sessions,
        session_text,
        tools_host,
        json_data,
        yaml_data,
        toml_data,
        csv_data,
        jq,
        json_pointer,
        urls,
        regex,
        bytes_values,
        encodings,
        hashes,
        key_pairs,
        tokens,
        signed_urls,
        ids,
        dates,
        durations,
        clock,
        path_text,
        path_workspace,
        files,
        file_trees,
        environment,
        assertions,
    )
    scripts: dict[str, object] = {"name": "std", "scripts": StandardScripts()}
    return [*(each for family in families for each in collect(family)), scripts]
