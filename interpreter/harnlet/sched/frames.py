"""What the frames of a task's code hold on to after it has failed."""

from contextlib import suppress

from harnlet.runtime.faulting import PROGRAM_KEY


def release_locals(error: BaseException) -> None:
    """Forget the variables of the script functions that an error has left.

    The traceback stays, for the positions, and with it the frames. A lock that only a variable of
    theirs held must not wait until somebody has looked at the error
    (docs/builtins.md#mutex-semaphore-gate-rwlock).
    """
    traceback = error.__traceback__
    while traceback is not None:
        frame = traceback.tb_frame
        if PROGRAM_KEY in frame.f_globals:
            # One that still runs is a generator that somebody else goes on with.
            with suppress(RuntimeError):
                frame.clear()
        traceback = traceback.tb_next
