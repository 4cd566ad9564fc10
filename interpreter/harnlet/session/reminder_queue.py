"""Reminders that wait to be put into a transcript: queue modes and the points they drain at.

Rules: docs/cancellation.md#the-reminder.
"""

from collections import deque
from typing import Final, Literal

from harnlet.session.reminder import Reminder

Mode = Literal["interrupt_immediate", "finish_step", "audit_only"]
DrainPoint = Literal["turn_start", "before_tool_dispatch", "after_tool_dispatch", "turn_end", "loop_exit"]

ALIASES: Final[dict[str, Mode]] = {
    "interrupt_immediate": "interrupt_immediate",
    "interrupt": "interrupt_immediate",
    "finish_step": "finish_step",
    "steer": "finish_step",
    "after_current_operation": "finish_step",
    "audit_only": "audit_only",
    "queue": "audit_only",
}
"""Every spelling of a mode; one that is not here counts as `audit_only`."""

DRAINED: Final[dict[DrainPoint, tuple[Mode, ...]]] = {
    "turn_start": ("interrupt_immediate", "finish_step"),
    "before_tool_dispatch": ("interrupt_immediate",),
    "after_tool_dispatch": ("interrupt_immediate", "finish_step"),
    "turn_end": ("interrupt_immediate", "finish_step"),
    "loop_exit": ("audit_only",),
}
"""Which modes leave the queue at which point."""


def mode_of(text: str) -> Mode:
    """The mode that `text` names, aliases included."""
    return ALIASES.get(text.strip(), "audit_only")


class ReminderQueue:
    """First in, first out, whatever the mode; a point takes only the modes it drains."""

    __slots__ = ("_waiting",)

    def __init__(self) -> None:
        self._waiting: deque[tuple[Mode, Reminder]] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def push(self, reminder: Reminder, mode: str) -> Mode:
        """Queue `reminder`; the mode that was understood."""
        understood = mode_of(mode)
        self._waiting.append((understood, reminder))
        return understood

    def drain(self, point: DrainPoint) -> list[tuple[Mode, Reminder]]:
        """Take what `point` drains, in order."""
        if not self._waiting:
            return []
        modes = DRAINED[point]
        taken = [entry for entry in self._waiting if entry[0] in modes]
        if taken:
            self._waiting = deque(entry for entry in self._waiting if entry[0] not in modes)
        return taken
