"""The terminal: colours, standard input, and what tests put in their place.

Rules: docs/builtins.md#output-input-logging.
"""

from harnlet.errors.faults import Thrown
from harnlet.runtime.builtin import Context, builtin, console_of_run
from harnlet.runtime.console import StreamName
from harnlet.runtime.display import display

_STREAMS = frozenset({"stdin", "stdout", "stderr"})
_NAMES = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
_COLORS = {
    **{name: 30 + place for place, name in enumerate(_NAMES)},
    **{"bright_" + name: 90 + place for place, name in enumerate(_NAMES)},
    "gray": 90,
    "grey": 90,
}


class Terminal:
    """What a run has set about its terminal."""

    def __init__(self) -> None:
        self.color_mode = "auto"
        self.mocked: dict[str, bool] = {}
        self.input: str | None = None
        """The rest of the text that stands for standard input, or None when that itself is read."""

    def is_terminal(self, rt: Context, stream: StreamName) -> bool:
        """Whether `stream` is a terminal, or passes for one."""
        return self.mocked[stream] if stream in self.mocked else rt.state(console_of_run).is_terminal(stream)

    def in_color(self, rt: Context) -> bool:
        """Whether colours are on."""
        if self.color_mode != "auto":
            return self.color_mode == "always"
        if rt.state(console_of_run).environment("FORCE_COLOR") is not None:
            return True
        if rt.state(console_of_run).environment("NO_COLOR") is not None:
            return False
        return self.is_terminal(rt, "stdout")

    def mark(self, rt: Context, text: str, code: int | None) -> str:
        """`text` between the escape sequences of `code`."""
        return text if code is None or not self.in_color(rt) else f"\x1b[{code}m{text}\x1b[0m"


@builtin("color(text, name)", section="5", context=True)
def color(rt: Context, text: object = "", name: object = "") -> str:
    """The text in a colour, when colours are on."""
    return rt.state(Terminal).mark(rt, display(text), _COLORS.get(display(name)))


@builtin("bold(text)", section="5", context=True)
def bold(rt: Context, text: object = "") -> str:
    """The text in bold, when colours are on."""
    return rt.state(Terminal).mark(rt, display(text), 1)


@builtin("dim(text)", section="5", context=True)
def dim(rt: Context, text: object = "") -> str:
    """The text dimmed, when colours are on."""
    return rt.state(Terminal).mark(rt, display(text), 2)


@builtin("set_color_mode(mode)", section="5", context=True)
def set_color_mode(rt: Context, mode: object = "") -> None:
    """Switches colours: `auto`, `always` or `never`."""
    text = display(mode)
    if text not in ("auto", "always", "never"):
        raise Thrown(f"set_color_mode: invalid mode '{text}'. Expected 'auto', 'always', or 'never'.")
    rt.state(Terminal).color_mode = text


# --- input --------------------------------------------------------------------------------------


async def _line(rt: Context) -> str | None:
    terminal = rt.state(Terminal)
    if terminal.input is None:
        return await rt.state(console_of_run).read_line()
    if not terminal.input:
        return None
    line, _, terminal.input = terminal.input.partition("\n")
    return line.removesuffix("\r")


@builtin("read_line()", section="5", context=True, effect="suspends")
async def read_line(rt: Context) -> object:
    """The next line of standard input without its end, nil at the end of input."""
    return await _line(rt)


@builtin("read_stdin()", section="5", context=True, effect="suspends")
async def read_stdin(rt: Context) -> object:
    """All that is left on standard input."""
    terminal = rt.state(Terminal)
    if terminal.input is None:
        return await rt.state(console_of_run).read_rest()
    rest, terminal.input = terminal.input, ""
    return rest


@builtin("prompt_user(message?)", section="5", context=True, effect="suspends")
async def prompt_user(rt: Context, message: object = "") -> object:
    """Writes a message and reads a line, without white space at its end."""
    rt.write(display(message))
    return (await _line(rt) or "").rstrip()


@builtin("mock_stdin(text)", section="5", context=True)
def mock_stdin(rt: Context, text: object = "") -> None:
    """Puts a text in the place of standard input."""
    rt.state(Terminal).input = display(text)


@builtin("unmock_stdin()", section="5", context=True)
def unmock_stdin(rt: Context) -> None:
    """Puts standard input back into its place."""
    rt.state(Terminal).input = None


# --- terminals ----------------------------------------------------------------------------------


@builtin("is_stdin_tty()", section="5", context=True)
def is_stdin_tty(rt: Context) -> bool:
    """Whether standard input is a terminal."""
    return rt.state(Terminal).is_terminal(rt, "stdin")


@builtin("is_stdout_tty()", section="5", context=True)
def is_stdout_tty(rt: Context) -> bool:
    """Whether the output is a terminal."""
    return rt.state(Terminal).is_terminal(rt, "stdout")


@builtin("is_stderr_tty()", section="5", context=True)
def is_stderr_tty(rt: Context) -> bool:
    """Whether standard error is a terminal."""
    return rt.state(Terminal).is_terminal(rt, "stderr")


@builtin("mock_tty(stream, is_terminal)", section="5", context=True)
def mock_tty(rt: Context, stream: object = "", is_terminal: object = None) -> None:
    """Makes `stdin`, `stdout` or `stderr` pass for a terminal, or for none."""
    name = display(stream)
    if name not in _STREAMS:
        raise Thrown(f"mock_tty: invalid stream '{name}'. Expected 'stdin', 'stdout', or 'stderr'.")
    rt.state(Terminal).mocked[name] = bool(is_terminal)


@builtin("unmock_tty()", section="5", context=True)
def unmock_tty(rt: Context) -> None:
    """Forgets what `mock_tty` said."""
    rt.state(Terminal).mocked.clear()
