"""The stable codes of diagnostics and errors: what each means, where it comes from, how to cure it.

docs/errors.md is generated from this table. A code never changes its meaning and is never reused.
Ranges: 0001-0099 syntax, 0100-0199 names and checks, 0200-0299 compiling, 0300-0399 run time,
0400-0499 modules, 0500-0599 limits, 0600-0699 tools, cancellation and plugins, 0700-0799 command line.
"""

from typing import Final, NamedTuple


class Code(NamedTuple):
    """One code. `id` is what users see (`HRN-0001`), `name` what the program calls it."""

    id: str
    name: str
    title: str
    cause: str
    cure: str


CODES: Final[tuple[Code, ...]] = (
    # --- syntax ----------------------------------------------------------------------------
    Code(
        "HRN-0001",
        "unexpected-token",
        "Unexpected token",
        "The parser met a token that cannot stand at this place.",
        "Read what was expected; usually an operator, a bracket or a separator is missing just before.",
    ),
    Code(
        "HRN-0002",
        "unexpected-end",
        "Unexpected end of file",
        "The source ends inside a construct, most often with a bracket or a block still open.",
        "Close what is open, or finish the statement.",
    ),
    Code(
        "HRN-0003",
        "unexpected-character",
        "Unexpected character",
        "A character stands outside strings and comments that no token begins with.",
        "Remove it, or put it into a string.",
    ),
    Code(
        "HRN-0004",
        "unterminated-string",
        "Unterminated string",
        "A string has no closing quote on its line, or a `${` inside it is never closed.",
        'Close it; for text of several lines use `"""`.',
    ),
    Code(
        "HRN-0005",
        "unterminated-comment",
        "Unterminated block comment",
        "A `/*` has no matching `*/`; block comments nest.",
        "Close the comment, or every comment inside it.",
    ),
    Code(
        "HRN-0006",
        "reserved-word",
        "Reserved word used as a name",
        "A word of the language stands where a name is declared.",
        "Choose another name. After a dot and as a dict key every word is fine.",
    ),
    Code(
        "HRN-0007",
        "nested-too-deep",
        "Nested too deeply",
        "Brackets, blocks or prefix operators stand inside one another more than 200 levels deep.",
        "Move the inner parts into functions or variables of their own.",
    ),
    Code(
        "HRN-0008",
        "number-too-large",
        "Number literal too large",
        "An integer literal takes more than 65,536 bits, or a duration more than 64 bits of milliseconds.",
        "Compute the value instead of writing it out.",
    ),
    Code(
        "HRN-0009",
        "parameter-order",
        "Parameters in the wrong order",
        "A rest parameter is not the last one, or a required parameter follows one with a default.",
        "Order them: required parameters, those with defaults, the rest parameter.",
    ),
    Code(
        "HRN-0010",
        "misplaced-pub",
        "`pub` before something that cannot be exported",
        "`pub` stands before something else than a function, tool, skill, eval_pack, struct, enum, "
        "pipeline or import.",
        "Remove `pub`.",
    ),
    Code(
        "HRN-0011",
        "misplaced-attribute",
        "Attribute before something that is no declaration",
        "An `@attribute` belongs to the declaration that follows it, and none follows.",
        "Move the attribute before a declaration, or remove it.",
    ),
    Code(
        "HRN-0012",
        "select-cases",
        "`select` with the wrong cases",
        "A `select` has no case, two of `timeout` or `default`, or both of them.",
        "Give it at least one case and at most one fallback.",
    ),
    Code(
        "HRN-0013",
        "assignment-target",
        "Assignment to something that cannot be assigned",
        "The left side of an assignment is not a name, a property or a subscript.",
        "Assign to a variable, `object.name` or `object[index]`; `?.` and slices do not work there.",
    ),
    Code(
        "HRN-0014",
        "duplicate-summarize",
        "More than one `summarize`",
        "An `eval_pack` has two `summarize` blocks.",
        "Merge them.",
    ),
    # --- names and checks ------------------------------------------------------------------
    Code(
        "HRN-0101",
        "undefined-call",
        "Call of something that is not defined",
        "The name before the parentheses is no function, builtin or import that is visible here.",
        "Check the spelling, declare the function, or import it.",
    ),
    Code(
        "HRN-0102",
        "immutable-assignment",
        "Assignment to an immutable variable",
        "`let`, parameters, functions and pattern bindings cannot be assigned again.",
        "Declare the variable with `var`.",
    ),
    Code(
        "HRN-0103",
        "unknown-struct",
        "Unknown struct",
        "A struct literal names a struct that is not declared or imported here.",
        "Check the spelling, declare the struct, or import it.",
    ),
    Code(
        "HRN-0104",
        "emit-outside-stream",
        "`emit` outside of a `gen fn`",
        "`emit` delivers an item of a stream, and only a `gen fn` makes one.",
        "Declare the function with `gen fn`, or use `yield` in a generator.",
    ),
    # --- compiling -------------------------------------------------------------------------
    Code(
        "HRN-0105",
        "try-star-outside-function",
        "`try*` outside of a function",
        "`try*` hands an error on to whoever called the function around it, and here is none.",
        "Use `try { ... }`, or move the code into a function.",
    ),
    Code(
        "HRN-0106",
        "yield-in-stream",
        "`yield` inside a `gen fn`",
        "A `gen fn` makes a stream, whose items are delivered by `emit`.",
        "Use `emit`, or declare a plain `fn`, which a `yield` makes a generator.",
    ),
    Code(
        "HRN-0107",
        "unknown-attribute",
        "Unknown attribute",
        "An `@name` before a declaration that means nothing.",
        "Correct the name, or remove the attribute.",
    ),
    Code(
        "HRN-0108",
        "deprecated-call",
        "Call of a deprecated function",
        "The function was declared with `@deprecated`.",
        "Call what the attribute names instead.",
    ),
    Code(
        "HRN-0109",
        "yield-outside-function",
        "`yield` outside of a function",
        "A `yield` makes a generator of the function around it, and here is none.",
        "Move the code into a function, and call that.",
    ),
    Code(
        "HRN-0201",
        "unsupported",
        "Not supported",
        "The construct is part of the grammar, but this version cannot run it.",
        "Write it another way.",
    ),
    Code(
        "HRN-0202",
        "nested-too-deep-blocks",
        "Blocks nested too deeply to compile",
        "Loops and `try` blocks stand inside one another deeper than the compiler can go.",
        "Move the inner ones into functions.",
    ),
    Code(
        "HRN-0203",
        "break-outside-loop",
        "`break` outside of a loop",
        "No `for` or `while` of the same function surrounds the `break`.",
        "Use `return` to leave a function, or move the statement into the loop.",
    ),
    Code(
        "HRN-0204",
        "continue-outside-loop",
        "`continue` outside of a loop",
        "No `for` or `while` of the same function surrounds the `continue`.",
        "Use `return` to leave a function, or move the statement into the loop.",
    ),
    Code(
        "HRN-0205",
        "spread-misplaced",
        "Spread in the wrong place",
        "`...` stands somewhere else than in a list, a dict or an argument list.",
        "Remove it, or put brackets around it.",
    ),
    Code(
        "HRN-0206",
        "or-pattern",
        "`|` outside of a pattern",
        "Alternatives with `|` stand somewhere else than at the head of a `match` arm.",
        "Use `||` for conditions.",
    ),
    Code(
        "HRN-0207",
        "attribute-target",
        "Attribute on the wrong declaration",
        "`@acp_tool` and `@acp_skill` hand a function to the host, and this is no function.",
        "Put the attribute before a `fn`.",
    ),
    # --- run time --------------------------------------------------------------------------
    Code(
        "HRN-0301",
        "uncaught-error",
        "Uncaught error",
        "An error was thrown, or raised by an operation, and nothing caught it.",
        "Read the message and the frames below it; catch it with `try`, or prevent it.",
    ),
    Code(
        "HRN-0302",
        "host-call",
        "A function of the host failed",
        "A function that the embedding program provided raised an exception, and nothing caught it.",
        "The Python exception is the cause of the error: mend the function, or catch the error.",
    ),
    # --- modules ---------------------------------------------------------------------------
    Code(
        "HRN-0402",
        "import-failed",
        "Import failed",
        "The path of an `import` leads to no module, or the module has no such name.",
        "Check the path, which starts from the importing file, and the names that the module exports.",
    ),
    Code(
        "HRN-0403",
        "import-collision",
        "Two imports bring the same name",
        "A name comes from two modules, or from a module and this file.",
        'Import the names that are needed one by one: `import { name } from "path"`.',
    ),
    # --- limits ----------------------------------------------------------------------------
    Code(
        "HRN-0501",
        "limit",
        "Limit reached",
        "The script used more time, steps, output, memory or tasks than its interpreter allows.",
        "Make the script do less, or give the interpreter larger `Limits`.",
    ),
    Code(
        "HRN-0502",
        "worker",
        "The worker process died",
        "With `isolation=\"process\"`: what ran the script was killed or crashed, or could not be started.",
        "Look at the reason in the message. Other runs are not concerned.",
    ),
    # --- tools, cancellation, plugins ------------------------------------------------------
    Code(
        "HRN-0601",
        "plugin-missing",
        "Plugin missing",
        "The script uses a function of a plugin that is not loaded.",
        "Load the plugin that the message names.",
    ),
    # --- embedding and command line --------------------------------------------------------
    Code(
        "HRN-0701",
        "usage",
        "Wrong use of the interpreter",
        "The embedding program or the command line asked for something that cannot work.",
        "Read the message; it says what to do instead.",
    ),
    Code(
        "HRN-0799",
        "internal",
        "Internal error",
        "Harnlet itself made a mistake.",
        "Please report it with the script and the Python traceback.",
    ),
)

_BY_NAME: Final = {entry.name: entry for entry in CODES}
_BY_ID: Final = {entry.id: entry for entry in CODES}


def code(name: str) -> str:
    """The code (`HRN-0001`) that goes by `name`. Raises KeyError for a name that is not there."""
    return _BY_NAME[name].id


def lookup(text: str) -> Code:
    """The entry of an id or a name. Raises KeyError when there is none."""
    return _BY_ID.get(text.upper()) or _BY_NAME[text]
