"""Soak tests of cancellation: what must never happen, looked for very often.

    python scripts/soak_cancel.py                 # all rows, in full
    python scripts/soak_cancel.py races --scale 0.01
    python scripts/soak_cancel.py --list

Each row prints what was tried, what was found, and whether it holds; the exit code is 1 when one does
not. `--scale` multiplies how often things are tried. Promises: docs/cancellation.md#what-is-promised,
numbers: docs/performance.md#cancellation.
"""

import argparse
import asyncio
import gc
import logging
import os
import random
import resource
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from harnlet import tool
from harnlet.plugins import load
from harnlet.tools.command_execution import CommandLine, command_tool
from harnlet.tools.host import ToolHost

REGISTRY = "harnlet_plugins.tool_calls"


class Row(NamedTuple):
    """One line of the table."""

    what: str
    tried: str
    found: str
    holds: bool


def host_with(*tools: Any, **options: Any) -> ToolHost:
    """A host with the registry and nothing else."""
    return ToolHost(load([REGISTRY]), tools=tools, **options)


def _with_tests() -> None:
    """Models and scenarios are those of the tests, where a part of the same is run each time."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
    logging.getLogger("harnlet.plugins").disabled = True  # A listener that fails is part of a scenario.


def machine(scale: float) -> Row:
    """The registry against its model, by Hypothesis."""
    _with_tests()
    from hypothesis import HealthCheck, Phase, settings
    from hypothesis.stateful import run_state_machine_as_test

    from cancel.test_registry_machine import RegistryMachine

    examples = max(10, round(100_000 * scale))
    began = time.perf_counter()
    run_state_machine_as_test(
        RegistryMachine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=40,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    return Row(
        "Hypothesis state machine",
        f"{examples:,} examples of up to 40 steps",
        f"no counterexample ({time.perf_counter() - began:.0f} s)",
        True,
    )


# --- what may come in between -----------------------------------------------------------------------


def injected(scale: float) -> Row:
    """The real dispatcher with a cancel before every step of every scenario, in every way."""
    _with_tests()
    from cancel.invariants import at_every_step
    from cancel.scenarios import SCENARIOS

    runs, wrong = 0, []
    chosen = SCENARIOS if scale >= 1 else [each for each in SCENARIOS if not each.slow]
    for scenario in chosen:
        for what, run in at_every_step(scenario):
            runs += 1
            wrong += [f"{scenario.name}, {what}: {problem}" for problem in run.problems]
    return Row(
        "a cancel before every step of the dispatcher",
        f"{len(chosen)} scenarios, {runs:,} runs",
        "; ".join([f"{len(wrong)} violations", *wrong[:3]]),
        not wrong,
    )


def schedules(scale: float) -> Row:
    """The same in random orders of what is ready, with up to three disturbances."""
    _with_tests()
    from cancel.invariants import at_random
    from cancel.scenarios import SCENARIOS

    runs = max(10, round(10_000 * scale))
    inside = [each for each in SCENARIOS if not each.outside]
    wrong: list[str] = []
    steps = disturbed = 0
    for seed in range(runs):
        run = at_random(inside, seed)
        steps, disturbed = steps + run.steps, disturbed + run.disturbed
        wrong += [f"seed {seed}, {run.scenario.name}: {problem}" for problem in run.problems]
    return Row(
        "random schedules of the dispatcher",
        f"{runs:,} schedules, {steps:,} steps, {disturbed:,} cancels",
        "; ".join([f"{len(wrong)} violations", *wrong[:3]]),
        not wrong,
    )


# --- races ------------------------------------------------------------------------------------------

_BATCH = 200


def resident_bytes() -> int:
    """How much memory the process holds; the most it ever held where there is no `/proc`."""
    gc.collect()
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


async def _hop(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


@tool
async def hops(count: int) -> int:
    """Ends after so many turns of the loop."""
    await _hop(count)
    return count


async def _race(
    host: ToolHost, dice: random.Random, session: str, threaded: bool, found: Counter[str]
) -> None:
    """`_BATCH` calls in one session, each against one cancel; then everything is compared."""
    answers: dict[str, Any] = {}
    wanted: dict[str, bool] = {}

    async def one(number: int) -> dict[str, Any]:
        call_id = f"c{number}"
        running = asyncio.create_task(
            host.dispatch(session, {"id": call_id, "name": "hops", "arguments": {"count": dice.randrange(8)}})
        )
        wanted[call_id] = dice.random() < 0.5
        if not threaded:
            await _hop(dice.randrange(12))
            answers[call_id] = await host.cancel(session, call_id, "race", wanted[call_id])
        return await running

    def shoot() -> None:
        order = [f"c{number}" for number in range(_BATCH)]
        random.Random(session).shuffle(order)
        for call_id in order:
            answers[call_id] = host.cancel_threadsafe(session, call_id, "race", wanted.get(call_id, False))

    group = asyncio.gather(*(one(number) for number in range(_BATCH)))
    if threaded:
        await asyncio.to_thread(shoot)
        answers = {call_id: await asyncio.wrap_future(answer) for call_id, answer in answers.items()}
    results = {result["tool_call_id"]: result for result in await group}
    transcript = host.transcript(session)
    messages = Counter(m["tool_call_id"] for m in transcript["messages"])
    reminders = Counter(
        e["reminder"]["dedupe_key"] for e in transcript["events"] if e["kind"] == "system_reminder"
    )
    by_id = {m["tool_call_id"]: m["content"] for m in transcript["messages"]}
    for call_id, result in results.items():
        status = answers[call_id]["status"]
        was_cancelled = result["status"] == "cancelled"
        found["cancelled" if was_cancelled else "finished"] += 1
        found["lies"] += (status == "cancelled") != was_cancelled or by_id[call_id] != result["observation"]
        found["ghosts"] += messages[call_id] != 1
        if not threaded:
            found["wrong reminders"] += reminders[f"cancel:{call_id}"] != (was_cancelled and wanted[call_id])
    found["left in flight"] += len(host.in_flight()) + len(host.desk.live)
    host.sessions.close(session)


def races(scale: float) -> Row:
    """Cancel against finish, within the loop and from another thread."""
    rounds = max(60, round(1_000_000 * scale / _BATCH))
    found: Counter[str] = Counter()
    growth = 0

    async def run() -> None:
        nonlocal growth
        dice = random.Random(7)
        host = host_with(hops)
        # What is kept on purpose (the audit, the memory of finished calls) is full after 50 rounds.
        warm = 55
        for number in range(rounds + warm):
            if number == warm:
                found.clear()
                growth = -resident_bytes()
            await _race(host, dice, f"s{number}", number % 4 == 3, found)
        growth += resident_bytes()

    asyncio.run(run())
    bad = {key: found[key] for key in ("lies", "ghosts", "wrong reminders", "left in flight")}
    return Row(
        "cancel against finish",
        f"{rounds * _BATCH:,} races",
        f"{found['cancelled']:,} cancelled, {found['finished']:,} finished; "
        + ", ".join(f"{count} {key}" for key, count in bad.items())
        + f"; memory {growth / 1e6:+.1f} MB",
        not any(bad.values()) and growth < 5e6 and min(found["cancelled"], found["finished"]) > 0,
    )


def threads(scale: float) -> Row:
    """Sixteen threads cancel one call at once."""
    rounds = max(5, round(1000 * scale))
    statuses: Counter[str] = Counter()
    wrong = 0

    async def run() -> None:
        nonlocal wrong
        started = asyncio.Event()

        @tool
        async def wait() -> None:
            started.set()
            await asyncio.Event().wait()

        host = host_with(wait)
        for number in range(rounds):
            started.clear()
            call_id = f"c{number}"
            running = asyncio.create_task(host.dispatch("s", {"id": call_id, "name": "wait"}))
            await started.wait()
            barrier = threading.Barrier(16)
            futures: list[Any] = []

            def shoot(call_id: str = call_id, barrier: Any = barrier, futures: Any = futures) -> None:
                barrier.wait()
                reason = f"thread {threading.get_ident()}"
                futures.append((reason, host.cancel_threadsafe("s", call_id, reason)))

            shooters = [threading.Thread(target=shoot) for _ in range(16)]
            for shooter in shooters:
                shooter.start()
            for shooter in shooters:
                await asyncio.to_thread(shooter.join)
            result = await running
            answers = [(reason, await asyncio.wrap_future(answer)) for reason, answer in futures]
            winners = [reason for reason, answer in answers if answer["status"] == "cancelled"]
            statuses.update(answer["status"] for _, answer in answers)
            wrong += len(winners) != 1 or result["cancellation_reason"] != winners[0]

    asyncio.run(run())
    return Row(
        "16 threads cancel one call",
        f"{rounds:,} calls",
        ", ".join(f"{count:,} {status}" for status, count in sorted(statuses.items())) + f"; {wrong} wrong",
        wrong == 0,
    )


# --- processes --------------------------------------------------------------------------------------

_PRELUDE = """
import os, signal, sys, time
def here():
    with open(os.path.join(sys.argv[1], str(os.getpid())), "w"): pass
def stay():
    here()
    while True: time.sleep(60)
def deaf(): signal.signal(signal.SIGTERM, signal.SIG_IGN)
def fork(work):
    if os.fork() == 0:
        work()
        os._exit(0)
def escape(work):
    def middle():
        os.setsid()
        fork(work)
    fork(middle)
"""

SHAPES = {
    "polite": (1, "stay()"),
    "ignores SIGTERM": (1, "deaf(); stay()"),
    "stopped": (1, "here(); os.kill(os.getpid(), signal.SIGSTOP); stay()"),
    "children": (4, "[fork(stay) for _ in range(3)]; stay()"),
    "setsid": (2, "fork(lambda: (os.setsid(), stay())); stay()"),
    "daemon": (2, "escape(stay); stay()"),
    "deaf daemon": (2, "deaf(); escape(stay); stay()"),
    "orphaned daemon holds the output": (1, "escape(stay)"),
    "daemon without environment": (
        2,
        "bare = [sys.executable, '-I', '-S', '-c', PRELUDE + 'deaf(); stay()', sys.argv[1]]\n"
        "escape(lambda: os.execve(sys.executable, bare, {})); stay()",
    ),
}
"""How many processes announce themselves, and the program."""


def _command(arguments: dict[str, Any]) -> CommandLine:
    code = f"PRELUDE = {_PRELUDE!r}\nexec(PRELUDE)\n{SHAPES[arguments['shape']][1]}"
    return CommandLine([sys.executable, "-I", "-S", "-c", code, arguments["folder"]])


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    except OSError:
        state = "?"
    return state not in "ZX"


def processes(scale: float) -> Row:
    """Each shape of a process tree, stopped; then all who announced themselves are looked for."""
    runs = max(1, round(200 * scale))
    survivors, claimed, outcomes = 0, 0, Counter[str]()

    async def one(host: ToolHost, shape: str, number: int) -> None:
        nonlocal survivors, claimed
        with tempfile.TemporaryDirectory() as folder:
            call_id = f"{shape} {number}"
            arguments = {"shape": shape, "folder": folder}
            running = asyncio.create_task(
                host.dispatch("s", {"id": call_id, "name": "run", "arguments": arguments})
            )
            while len(os.listdir(folder)) < SHAPES[shape][0]:  # noqa: ASYNC110 - no event tells
                await asyncio.sleep(0.002)
            answer = await host.cancel("s", call_id)
            survivors += sum(_alive(int(name)) for name in os.listdir(folder))
            claimed += answer["survivors"] + (answer["status"] != "cancelled")
            outcomes[answer["outcome"]] += 1
            await running

    async def run() -> None:
        host = host_with(command_tool("run", _command, grace_ms=50), capabilities=["processes"])
        for shape in SHAPES:
            for number in range(runs):
                await one(host, shape, number)

    asyncio.run(run())
    return Row(
        "process trees",
        f"{len(SHAPES)} shapes, {runs} runs each",
        f"{survivors} survivors, {claimed} reported; "
        + ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items())),
        survivors == 0 and claimed == 0,
    )


ROWS: dict[str, Callable[[float], Row]] = {
    "injected": injected,
    "schedules": schedules,
    "machine": machine,
    "races": races,
    "threads": threads,
    "processes": processes,
}


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("rows", nargs="*", help=f"of {', '.join(ROWS)}; all when there are none")
    parser.add_argument("--scale", type=float, default=1.0, help="how often to try, 1 for in full")
    parser.add_argument("--list", action="store_true", help="name the rows")
    given = parser.parse_args()
    if given.list:
        print("\n".join(ROWS))
        return 0
    unknown = [name for name in given.rows if name not in ROWS]
    if unknown:
        parser.error(f"no such row: {', '.join(unknown)}")
    failed = False
    for name in given.rows or ROWS:
        began = time.perf_counter()
        row = ROWS[name](given.scale)
        failed |= not row.holds
        print(
            f"| {row.what} | {row.tried} | {row.found} | {'holds' if row.holds else 'FAILS'} "
            f"| {time.perf_counter() - began:.1f} s |",
            flush=True,
        )
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
