# SPDX-License-Identifier: Apache-2.0
"""Bounds on the time and the memory of what a template from outside makes this process do."""

import contextlib
import pathlib
import resource
import signal


class OutOfTime(Exception):
    """The bounded work took too long."""


@contextlib.contextmanager
def bounded(seconds, more_bytes):
    """OutOfTime is raised after so many seconds, MemoryError where more memory than that is asked for."""

    def ring(*_):
        raise OutOfTime(f"took longer than {seconds} s")

    pages = int(pathlib.Path("/proc/self/statm").read_text().split()[0])
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = pages * resource.getpagesize() + more_bytes
    limits = [limit, *(each for each in (soft, hard) if each != resource.RLIM_INFINITY)]
    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    resource.setrlimit(resource.RLIMIT_AS, (min(limits), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
