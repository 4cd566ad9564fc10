"""Signals that reach the process that was meant, or nobody."""

import contextlib
import os
import signal

from .process_table import ProcessEntry, ProcessTable


def open_handle(pid: int) -> int | None:
    """A descriptor for whichever process has this number now (it becomes readable when that one ends).

    None where the system has none (before Linux 5.3, other systems), when the process is gone, or when we
    have no descriptors left.
    """
    if pid <= 0 or not hasattr(os, "pidfd_open"):
        return None
    try:
        return os.pidfd_open(pid)
    except OSError:
        return None


def send(entry: ProcessEntry, number: signal.Signals, table: ProcessTable) -> bool:
    """Signal exactly the process of this entry; false when it is gone or beyond our rights.

    The handle is opened first and the identity compared afterwards: from then on the handle cannot come to
    mean another process, whatever becomes of the number. Without handles the comparison still comes right
    before the signal, which leaves microseconds for a number to run through all others and come back.
    """
    if abs(entry.pid) in (0, 1, os.getpid(), os.getpgrp()):
        return False
    handle = open_handle(entry.pid)
    try:
        current = table.entry(entry.pid)
        if current is None or current.identity != entry.identity:
            return False
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if handle is None:
                os.kill(entry.pid, number)
            else:
                signal.pidfd_send_signal(handle, number)
            return True
        return False
    finally:
        if handle is not None:
            os.close(handle)
