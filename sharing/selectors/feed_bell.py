"""
The bell that wakes readers waiting at the end of the feed: a counter in Redis.

It is rung after a publication commits and may be lost: whoever waits looks again anyway
when the time is up.
"""

import time
from functools import partial

import redis
from django.db import transaction

from qfce.kernel.jobs.progress import client

KEY = "qfce:feed"
GLANCE_SECONDS = 0.2


def ring_after_commit() -> None:
    """Wake the readers once the current transaction commits, if it does."""
    transaction.on_commit(partial(_ring))


def rung() -> int:
    """
    Return how often the bell was rung; take it before reading the feed, to wait from there.

    :raises redis.RedisError: if Redis does not answer, and nobody can wait.
    """
    return int(client().get(KEY) or 0)


def wait_beyond(count: int, *, seconds: float) -> bool:
    """
    Wait until the bell stands elsewhere than at `count`; False when the time is up.

    A Redis that was emptied counts from the beginning, so fewer rings mean news too.
    """
    deadline = time.monotonic() + seconds
    while rung() == count:
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        time.sleep(min(GLANCE_SECONDS, left))
    return True


def _ring() -> None:
    try:
        client().incr(KEY)
    except redis.RedisError:
        return
