"""Becoming the one to whom orphans fall (Linux), for programs that want no zombies left behind."""

import os
import sys

_PR_SET_CHILD_SUBREAPER = 36
_PR_GET_CHILD_SUBREAPER = 37


def adopt_orphans(wanted: bool = True) -> bool:
    """Make this whole program the parent of all its descendants whose own parent ends; answers whether it is.

    Opt-in, for a program whose init does not reap (a container without one), and for one that is watched from
    outside and must not leave a process under init. Finding and killing does not need it: the marks of a call
    do that. What a stopped call leaves is then reaped by the stop.

    Off by default, because it reaches beyond Harnlet: the orphans of *every* child of the program come to it,
    those of other libraries too, and a daemon that a finished call left behind on purpose. After their end
    they stay zombies unless the program reaps them. If it does so with `waitpid(-1)`, it takes away the exit
    status of children that others wait for; better to look with `waitid(..., WNOWAIT)` first.

    Raises:
        OSError: the kernel refuses.
    """
    if sys.platform != "linux":
        return False
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_CHILD_SUBREAPER, int(wanted), 0, 0, 0) != 0:
        problem = ctypes.get_errno()
        raise OSError(problem, os.strerror(problem))
    adopts = ctypes.c_int()
    libc.prctl(_PR_GET_CHILD_SUBREAPER, ctypes.byref(adopts), 0, 0, 0)
    return bool(adopts.value)
