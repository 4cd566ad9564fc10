"""Output: print, log, standard error, progress. Rules: docs/builtins.md#output-input-logging."""

from harnlet.runtime.builtin import Context, builtin, console_of_run
from harnlet.runtime.display import display


@builtin("println(value?)", section="5", context=True)
def println(rt: Context, value: object = "") -> None:
    """Writes the display of a value and a newline."""
    rt.write(display(value) + "\n")


@builtin("print(value?)", section="5", context=True)
def print_(rt: Context, value: object = "") -> None:
    """Writes the display of a value."""
    rt.write(display(value))


@builtin("log(value?)", section="5", context=True)
def log(rt: Context, value: object = "") -> None:
    """Writes the display of a value after `[harn]`, and a newline."""
    rt.write(f"[harn] {display(value)}\n")


# --- standard error -----------------------------------------------------------------------------


class Errors:
    """What a run writes to standard error: passed on, or collected while `captured` is a list."""

    def __init__(self) -> None:
        self.captured: list[str] | None = None

    def write(self, rt: Context, text: str) -> None:
        """Pass on or collect `text`."""
        if self.captured is None:
            rt.state(console_of_run).write_error(text)
        else:
            self.captured.append(text)


@builtin("eprintln(value?)", section="5", context=True)
def eprintln(rt: Context, value: object = "") -> None:
    """Writes the display of a value and a newline to standard error."""
    rt.state(Errors).write(rt, display(value) + "\n")


@builtin("eprint(value?)", section="5", context=True)
def eprint(rt: Context, value: object = "") -> None:
    """Writes the display of a value to standard error."""
    rt.state(Errors).write(rt, display(value))


@builtin("capture_stderr_start()", section="5", context=True)
def capture_stderr_start(rt: Context) -> None:
    """Collects what goes to standard error from now on."""
    rt.state(Errors).captured = []


@builtin("capture_stderr_take()", section="5", context=True)
def capture_stderr_take(rt: Context) -> str:
    """What was collected of standard error since it was last taken."""
    errors = rt.state(Errors)
    taken = "".join(errors.captured or ())
    if errors.captured is not None:
        errors.captured = []
    return taken


# --- progress -----------------------------------------------------------------------------------

_FRAMES = "|/-\\"


@builtin("progress(phase, message, progress?, total?)", section="5", context=True)
def progress(
    rt: Context, phase: object = "", message: object = "", progress: object = None, total: object = None
) -> None:
    """Writes a line about how far something got: plain, with numbers, as a spinner or as a bar."""
    name, text = display(phase), display(message)
    if type(progress) is dict and progress.get("mode") == "spinner":
        step = progress.get("step", progress.get("current"))
        frame = _FRAMES[step % len(_FRAMES)] if type(step) is int else _FRAMES[0]
        line = f"[{name}] {frame} {text}"
    elif type(progress) is dict and progress.get("mode") == "bar":
        line = f"[{name}] {_bar(progress, text)}"
    elif _is_number(progress) and _is_number(total):
        line = f"[{name}] {text} ({display(progress)}/{display(total)})"
    elif _is_number(progress) or _is_number(total):
        line = f"[{name}] {text} ({display(progress if _is_number(progress) else total)}%)"
    else:
        line = f"[{name}] {text}"
    rt.write(line + "\n")


def _is_number(value: object) -> bool:
    return type(value) is int or type(value) is float


def _bar(options: dict[str, object], text: str) -> str:
    current, total, width = (options.get(name) for name in ("current", "total", "width"))
    current = current if type(current) is int else 0
    total = total if type(total) is int else 0
    width = min(max(width if type(width) is int else 10, 3), 40)
    filled = min(max(current, 0), total) * width // total if total > 0 else 0
    return f"[{'#' * filled}{'-' * (width - filled)}] {text} ({display(current)}/{display(total)})"
