"""A fair share for each caller: so many requests a minute, counted in Redis."""

from dataclasses import dataclass
from time import time

import redis
from django.conf import settings
from rest_framework.exceptions import Throttled

from qfce.kernel.jobs.progress import client
from qfce.kernel.tenancy.actors import Actor

WINDOW_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Quota:
    """What is left to a caller in the present minute."""

    limit: int
    remaining: int
    reset_seconds: int

    def header(self) -> str:
        """Return the RateLimit field of the IETF draft on rate limit headers."""
        return f'"default";r={max(self.remaining, 0)};t={self.reset_seconds}'

    def policy(self) -> str:
        return f'"default";q={self.limit};w={WINDOW_SECONDS}'


class OverQuota(Throttled):
    """429, with the quota for its headers."""

    def __init__(self, quota: Quota) -> None:
        super().__init__(wait=quota.reset_seconds)
        self.quota = quota


def take(actor: Actor) -> Quota | None:
    """
    Count one request of this caller; None while Redis is away, which stops nobody.

    :raises OverQuota: if the minute's share is used up.
    """
    now = int(time())
    window, gone = divmod(now, WINDOW_SECONDS)
    key = f"qfce:rate:{actor.client_id or actor.user_id}:{window}"
    try:
        pipeline = client().pipeline(transaction=False)
        pipeline.incr(key)
        pipeline.expire(key, WINDOW_SECONDS * 2)
        used = int(pipeline.execute()[0])
    except redis.RedisError:
        return None
    limit = settings.API_RATE_PER_MINUTE
    quota = Quota(limit, limit - used, WINDOW_SECONDS - gone)
    if used > limit:
        raise OverQuota(quota)
    return quota
