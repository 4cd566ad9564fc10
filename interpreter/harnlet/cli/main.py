"""The command `harnlet`. Every import that a command does not need for certain is made inside it, so that
`harnlet run hello.harn` starts fast."""

import sys
from pathlib import Path

import click

from harnlet.version import __version__

_CONTEXT = {"help_option_names": ["-h", "--help"]}


class _Commands(click.Group):
    """Our commands, and behind them those of plugins: loaded only for a name that is none of ours, or for
    the help page, since loading plugins takes longer than starting up."""

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        return super().get_command(context, name) or _plugin_commands().get(name)

    def list_commands(self, context: click.Context) -> list[str]:
        return sorted({*super().list_commands(context), *_plugin_commands()})


def _plugin_commands() -> dict[str, click.Command]:
    from harnlet.plugins import load

    found = load(entry_points=True).gather("harnlet_cli_commands")
    return {command.name: command for commands in found for command in commands}


@click.group(cls=_Commands, context_settings=_CONTEXT, no_args_is_help=True)
@click.version_option(__version__, "--version", message="harnlet %(version)s")
def main() -> None:
    """Harnlet: a small scripting language for programs that run AI agents."""


@main.command(context_settings={**_CONTEXT, "ignore_unknown_options": True})
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.argument("argv", nargs=-1, type=click.UNPROCESSED)
@click.option("-e", "--eval", "code", metavar="CODE", help="Run CODE instead of a file.")
@click.option(
    "--plugin", "plugins", multiple=True, metavar="NAME", help="Load one more plugin (dotted name)."
)
@click.option(
    "--no-plugin",
    "without",
    multiple=True,
    metavar="NAME",
    help="Leave out a plugin that is loaded by default.",
)
@click.option(
    "--capabilities",
    default="all",
    show_default=True,
    metavar="LIST",
    help="'all', 'none', or some of files,processes,network,environment.",
)
@click.option("--no-cache", is_flag=True, help="Compile the script even if the code cache has it.")
@click.option("--seconds", type=float, help="Stop the script after so many seconds.")
@click.option("--dump-python", is_flag=True, help="Print the Python that the script compiles to.")
@click.option(
    "--diagnostics",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How errors are written to standard error.",
)
def run(
    file: Path | None,
    argv: tuple[str, ...],
    code: str | None,
    plugins: tuple[str, ...],
    without: tuple[str, ...],
    capabilities: str,
    no_cache: bool,
    seconds: float | None,
    dump_python: bool,
    diagnostics: str,
) -> None:
    """Run a script FILE (- is standard input), or CODE; what follows FILE is the script's `argv`.

    The exit code is the script's value if that is an int, 1 for an error or a `Result.Err`, else 0.
    A run that is interrupted ends with 130, one that is terminated with 143.
    """
    from harnlet.cli.runner import RunRequest, run_script

    if code is not None and file is not None:
        argv = (str(file), *argv)
        file = None
    if code is None and file is None:
        raise click.UsageError("give a FILE to run, or -e CODE")
    request = RunRequest(
        file=file,
        code=code,
        argv=argv,
        plugins=plugins,
        without=without,
        capabilities=capabilities,
        cache=not no_cache,
        seconds=seconds,
        dump_python=dump_python,
        json=diagnostics == "json",
    )
    sys.exit(run_script(request))


@main.command()
@click.option("--entry-points", is_flag=True, help="Also those that installed packages bring.")
def plugins(entry_points: bool) -> None:
    """List the plugins that are loaded by default, each with its hooks."""
    from harnlet.plugins import load

    for plugin in load(entry_points=entry_points).list_plugins():
        click.echo(f"{plugin.name} {plugin.version or ''}".rstrip())
        for hook in plugin.hooks:
            click.echo(f"  {hook}")


if __name__ == "__main__":
    main()
