"""`make demo`: scripts/stop_runaway_push.harn stops a real `git push` and leaves everything else alone."""

import os
import re
import subprocess
import sys
from pathlib import Path

from harnlet import Interpreter

ROOT = Path(__file__).resolve().parents[2]
SOURCE_ROOTS = [ROOT / "interpreter", ROOT / "builtins", ROOT / "plugins"]
SCRIPT = ROOT / "scripts" / "stop_runaway_push.harn"


def is_running(pid: int) -> bool:
    """Whether a process lives; a zombie that its parent has not fetched yet does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/status")
    return not (status.exists() and re.search(r"^State:\s+Z", status.read_text(), re.MULTILINE))


async def test_the_demo_stops_the_push_and_nothing_else() -> None:
    # The script removes its folder; this copy keeps what it saw of the processes.
    source = SCRIPT.read_text(encoding="utf-8").replace(
        "return good ? 0 : 1",
        "return {answer: answer, pushed: pushed, counted: counted, good: good,"
        ' before: branch_before, after: branch_after, pids: sh("cat \'${root}/pids\'")}',
    )
    output: list[str] = []
    async with Interpreter(capabilities="all", output=output.append) as harn:
        seen = await harn.run(source, filename="stop_runaway_push.harn")
        transcript = harn.transcript("demo")
        assert harn.in_flight_tool_calls() == []

    answer = seen["answer"]
    assert answer["status"] == "cancelled"
    assert answer["call_id"] == "call-push"
    assert answer["tool"] == "shell"
    assert answer["reason"] == "the user pressed stop"
    assert answer["outcome"] in ("stopped", "killed")
    assert answer["survivors"] == 0

    pushed = seen["pushed"]
    assert pushed["ok"] is False
    assert pushed["status"] == "cancelled"
    assert pushed["result"] is None
    assert pushed["rendered_result"] == "[cancelled in-flight: shell] the user pressed stop"
    assert pushed["observation"] == (
        "[cancelled call to shell]\nthe user pressed stop\n[end of shell cancellation]\n"
    )
    assert pushed["error"] == "tool call cancelled in-flight: the user pressed stop"
    assert pushed["error_category"] == "cancelled"
    assert pushed["cancelled"] is True
    assert pushed["cancellation_reason"] == "the user pressed stop"

    counted = seen["counted"]
    assert counted["ok"] is True
    assert counted["status"] == "ok"
    assert counted["result"]["stdout"].strip() == "1"

    assert seen["before"] == seen["after"]
    pids = [int(pid) for pid in seen["pids"].split()]
    assert len(pids) == 4
    assert [pid for pid in pids if is_running(pid)] == []

    reminders = [event["reminder"] for event in transcript["events"] if event["kind"] == "system_reminder"]
    assert [reminder["dedupe_key"] for reminder in reminders] == ["cancel:call-push"]
    assert reminders[0]["body"] == (
        "Tool call `shell` (call_id=call-push) was cancelled by the host: the user pressed stop"
    )
    results = [message for message in transcript["messages"] if message["role"] == "tool_result"]
    assert sorted(message["tool_call_id"] for message in results) == ["call-log", "call-push"]
    assert {message["tool_call_id"]: message["is_error"] for message in results} == {
        "call-log": False,
        "call-push": True,
    }

    text = "".join(output)
    assert "Processes of the push that are left: none (of 4 recorded)" in text
    assert "The remote's branch: did not move" in text
    assert "was cancelled by the host: the user pressed stop" in text


def test_the_command_line_runs_the_demo() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "harnlet", "run", str(SCRIPT)],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, SOURCE_ROOTS))},
    )
    assert done.stderr == ""
    assert done.returncode == 0
    assert "status: cancelled" in done.stdout
