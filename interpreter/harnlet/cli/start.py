"""Where the command `harnlet` begins. `harnlet run FILE` does not wait for the parser of options, which takes
a twelfth of the time in which a short script runs."""

import sys


def main() -> None:
    """Run the command; ends the process."""
    words = sys.argv[1:]
    if len(words) == 2 and words[0] == "run" and not words[1].startswith("-"):
        from pathlib import Path

        from harnlet.cli.runner import RunRequest, run_script

        sys.exit(run_script(RunRequest(Path(words[1]))))

    from harnlet.cli.main import main as command

    command(prog_name="harnlet")
