"""Running a scenario with something coming in between, and comparing what was said with what happened."""

import asyncio
import concurrent.futures
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from cancel.scenarios import Scenario, World
from cancel.stepping import SteppedLoop
from harnlet.session.clock import ManualClock

WAYS: Final = ("request", "at once", "dispatcher", "twice", "session", "no wait")
"""How a scenario is disturbed: a coroutine that asks, a request from a signal handler, the dispatching
task cancelled, two requests, the whole session, a request that does not wait."""


class Said(NamedTuple):
    """What a request was told."""

    call_id: str
    reason: str
    answer: dict[str, Any]


class Run:
    """One run of a scenario. `problems` is empty when everything holds; `steps` is how long it was."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.clock = ManualClock()
        self.loop = SteppedLoop(self.clock, patience_seconds=scenario.outside)
        self.world = World(self.clock)
        self.problems: list[str] = []
        self.said: list[Said] = []
        self.disturbed = 0
        self._asking: list[asyncio.Task[None]] = []
        self._futures: list[tuple[str, str, concurrent.futures.Future[dict[str, Any]]]] = []

    @property
    def steps(self) -> int:
        """How many steps of the loop there were."""
        return self.loop.steps

    def at(self, plan: dict[int, list[tuple[str, str]]]) -> "Run":
        """Disturb it before these steps: by step, ways and targets."""

        def before() -> None:
            for way, target in plan.get(self.loop.steps, ()):
                self._disturb(way, target)

        self.loop.before = before
        return self

    def picking(self, pick: Callable[[int], int]) -> "Run":
        """Take another order than asyncio's."""
        self.loop.pick = pick
        return self

    def go(self) -> "Run":
        """Run it and look."""
        try:
            self.loop.run_until_complete(self._main())
            left = [task for task in asyncio.all_tasks(self.loop) if not task.done()]
            self._expect(not left, f"tasks are left: {left}")
        finally:
            self.loop.close()
        self._expect(not self.loop.complaints, f"asyncio complains: {self.loop.complaints}")
        self._compare()
        return self

    # -- disturbing --------------------------------------------------------------------------

    def _disturb(self, way: str, target: str) -> None:
        self.disturbed += 1
        reason = f"{way} {self.disturbed}"
        host = self.world.host
        if way == "dispatcher":
            task = self.world.dispatched.get(target)
            if task is not None:
                task.cancel()
        elif way == "at once":
            self._futures.append((target, reason, host.cancel_threadsafe("s", target, reason)))
        elif way == "session":
            self._ask(self._session(reason))
        elif way == "no wait":
            self._ask(self._one(target, reason, timeout_ms=0))
        else:
            self._ask(self._one(target, reason))
            if way == "twice":
                self._ask(self._one(target, reason + " again", inject_reminder=False))

    def _ask(self, coroutine: Any) -> None:
        self._asking.append(self.loop.create_task(coroutine))

    async def _one(self, target: str, reason: str, **options: Any) -> None:
        answer = await self.world.host.cancel("s", target, reason, **options)
        self.said.append(Said(target, reason, answer))

    async def _session(self, reason: str) -> None:
        for answer in await self.world.host.cancel_session("s", reason):
            self.said.append(Said(answer["call_id"], reason, answer))

    async def _main(self) -> None:
        await self.scenario.run(self.world)
        self.loop.before = lambda: None
        while self._asking:
            await self._asking.pop()
        for target, reason, future in self._futures:
            self.said.append(Said(target, reason, await asyncio.wrap_future(future)))
        # Listeners of the settle step, and what a stopped tool does after its end was written.
        for _ in range(30):
            await asyncio.sleep(0)

    # -- comparing -----------------------------------------------------------------------------

    def _expect(self, holds: object, problem: str) -> None:
        if not holds:
            self.problems.append(problem)

    def _compare(self) -> None:
        host = self.world.host
        if "s" not in host.sessions:
            # The task that was to dispatch was cancelled before its first step.
            self._expect(not self.world.began, "something ran in no session")
            return
        transcript = host.transcript("s")
        events = transcript["events"]
        announced = [e["metadata"]["call_id"] for e in events if e["kind"] == "tool_call_start"]
        ends = Counter(e["metadata"]["call_id"] for e in events if e["kind"] == "tool_call_end")
        results = Counter(m["tool_call_id"] for m in transcript["messages"] if m["role"] == "tool_result")
        self._expect(len(set(announced)) == len(announced), f"announced twice: {announced}")
        self._expect(results == Counter(announced), f"announced {announced}, results {results}")
        self._expect(ends == Counter(announced), f"announced {announced}, ends {ends}")
        statuses = {
            e["metadata"]["call_id"]: e["metadata"]["status"] for e in events if e["kind"] == "tool_call_end"
        }
        won = [
            e["metadata"]
            for e in events
            if e["kind"] == "tool_cancel_request" and e["metadata"]["status"] in ("cancelled", "timeout")
        ]
        settled = {
            e["metadata"]["call_id"]: e["metadata"] for e in events if e["kind"] == "tool_cancel_settled"
        }
        decided = Counter(facts["call_id"] for facts in won)
        self._expect(all(count == 1 for count in decided.values()), f"decided more than once: {decided}")
        stopped = {call_id for call_id, status in statuses.items() if status in ("cancelled", "timeout")}
        self._expect(stopped == set(decided) == set(settled), f"{stopped=} {decided=} {set(settled)=}")
        wanted = Counter(f"cancel:{facts['call_id']}" for facts in won if facts["inject_reminder"])
        reminded = Counter(e["reminder"]["dedupe_key"] for e in events if e["kind"] == "system_reminder")
        self._expect(wanted == reminded, f"reminders wanted {wanted}, there are {reminded}")
        for said in self.said:
            self._believe(said, statuses, settled)
        for call_id, status in statuses.items():
            self._truth(call_id, status, settled.get(call_id, {}).get("outcome"))
        self._clean(host)

    def _believe(self, said: Said, statuses: dict[str, str], settled: dict[str, Any]) -> None:
        answer, status = said.answer, statuses.get(said.call_id)
        facts: dict[str, Any] | None = settled.get(said.call_id)
        tale = f"{said} but the transcript says {status}, {facts}"
        if answer["status"] in ("cancelled", "timeout"):
            self._expect(status == "cancelled" and facts and facts["reason"] == said.reason, tale)
            if answer["status"] == "cancelled" and answer["outcome"] is not None and facts:
                self._expect(answer["outcome"] == facts["outcome"], tale)
        elif answer["status"] == "already_cancelled":
            self._expect(status in ("cancelled", "timeout") and facts, tale)
            self._expect(facts is None or facts["reason"] != said.reason, tale)
        else:
            self._expect(answer["status"] == "not_found", tale)
            if answer["outcome"] == "completed_first":
                self._expect(status in ("ok", "error"), tale)
            elif answer["outcome"] is not None:
                self._expect(facts and answer["outcome"] == facts["outcome"], tale)

    def _truth(self, call_id: str, status: str, outcome: str | None) -> None:
        if self.scenario.elsewhere:
            return
        world = self.world
        began, left, ended = world.began[call_id], world.left[call_id], world.ended[call_id]
        tale = f"{call_id} is {status}, {outcome}; it began {began}, left {left}, ended {ended} times"
        self._expect(began == left <= 1, tale)
        if status == "ok":
            self._expect(ended == 1, tale)
        if outcome == "never_started":
            self._expect(began == 0, tale)
        if outcome in ("stopped", "abandoned"):
            self._expect(began == 1, tale)
        if world.undone:
            self._expect(status == "cancelled", tale)

    def _clean(self, host: Any) -> None:
        self._expect(host.in_flight() == [] and host.in_flight("s") == [], f"left: {host.in_flight()}")
        self._expect(host.sessions.require("s").in_flight == 0, "the session counts calls in flight")
        self._expect(self.clock.timers == 0, f"{self.clock.timers} timers are left")


def undisturbed(scenario: Scenario) -> Run:
    """A run in which nothing comes in between."""
    return Run(scenario).go()


def cancelled_at(scenario: Scenario, way: str, target: str, step: int) -> Run:
    """A run in which one thing comes in before one step."""
    return Run(scenario).at({step: [(way, target)]}).go()


def at_every_step(scenario: Scenario, ways: Sequence[str] = WAYS) -> Iterator[tuple[str, Run]]:
    """Each way at each target before each step, as long as there is something to disturb."""
    for way in ways:
        for target in scenario.targets:
            step = 0
            while (run := cancelled_at(scenario, way, target, step)).disturbed:
                yield f"{way} of {target} before step {step}", run
                step += 1


def at_random(scenarios: list[Scenario], seed: int) -> Run:
    """A run in a random order, with up to three random things that come in at random."""
    dice = random.Random(seed)
    scenario = dice.choice(scenarios)
    plan: dict[int, list[tuple[str, str]]] = {}
    for _ in range(dice.randrange(4)):
        plan.setdefault(dice.randrange(40), []).append((dice.choice(WAYS), dice.choice(scenario.targets)))
    return Run(scenario).at(plan).picking(dice.randrange).go()
