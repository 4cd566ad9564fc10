"""The two marks by which every descendant of one call can be told from all other processes.

Process groups, sessions and parents stop telling whose a process is as soon as it calls `setsid` and its
parent ends. Two things are inherited for good:

- a variable in the environment, `HARNLET_CALL`, with a random token. A process may start another with an
  environment of its own choosing (`env -i`), or write over its own (`setproctitle`), and then it is gone;
- a resource limit with a random value: the soft limit on the time that a *real-time* process may compute
  without a pause. At more than 70,000 years it limits nobody; nothing looks at it or has a reason to
  set it; it passes through fork and exec; and everybody may read it. Linux only. It is set on the started
  process from outside, microseconds after its start and long before it can have loaded its libraries.

A Harnlet that runs inside a call of another extends the variable instead of replacing it, and leaves the
limit alone, so that the outer call still finds everything and the inner one loses only the second mark.
"""

import os
import secrets
import sys
from collections.abc import Mapping

VARIABLE = "HARNLET_CALL"
_LOWEST_LIMIT = 1 << 61


class CallMark:
    """The mark of one call (`docs/cancellation.md`, B5)."""

    def __init__(self) -> None:
        self.token = secrets.token_hex(12)
        self.limit = _LOWEST_LIMIT + secrets.randbelow(_LOWEST_LIMIT)

    def environment(self, base: Mapping[str, str]) -> dict[str, str]:
        """`base` with the mark in it. What an outer call wrote there, by whichever way, is kept."""
        outer = os.environ.get(VARIABLE) or base.get(VARIABLE)
        return {**base, VARIABLE: f"{outer}:{self.token}" if outer else self.token}

    def brand(self, pid: int) -> bool:
        """Write the second mark onto a process that we have just started; false where that cannot be."""
        if sys.platform != "linux":
            return False
        import resource

        unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        if resource.getrlimit(resource.RLIMIT_RTTIME) != unlimited:
            return False
        try:
            resource.prlimit(pid, resource.RLIMIT_RTTIME, (self.limit, resource.RLIM_INFINITY))
        except OSError:  # it has ended, runs as another user (sudo), or a sandbox forbids the call
            return False
        return True

    def in_environment(self, environment: bytes) -> bool:
        """Whether an environment block (entries ended by NUL) holds the first mark."""
        name = VARIABLE.encode("ascii") + b"="
        token = self.token.encode("ascii")
        return any(
            token in variable for variable in environment.split(b"\0") if variable.startswith(name)
        )

    def in_limits(self, limits: bytes) -> bool:
        """Whether the text of `/proc/<pid>/limits` holds the second mark."""
        return str(self.limit).encode("ascii") in limits
