"""How far a job is, and whether somebody wants it stopped. In Redis: it may be lost."""

from functools import cache
from uuid import UUID

import redis
from django.conf import settings

KEPT_SECONDS = 24 * 3600


@cache
def client() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=5, socket_connect_timeout=5)


def report(job_id: UUID, share: float) -> None:
    """Note that a share of the work is done, 0 to 1. Redis being away must not stop the work."""
    try:
        client().set(f"qfce:job:{job_id}:share", f"{share:.4f}", ex=KEPT_SECONDS)
    except redis.RedisError:
        return


def share_of(job_id: UUID) -> float:
    """Return the share of the work that is done, 0 to 1; 0 where nothing is known."""
    try:
        value = client().get(f"qfce:job:{job_id}:share")
    except redis.RedisError:
        return 0.0
    return float(value) if value else 0.0


def note_rows(job_id: UUID, rows: int) -> None:
    """Note how many rows the work is about, once that is known."""
    try:
        client().set(f"qfce:job:{job_id}:rows", str(rows), ex=KEPT_SECONDS)
    except redis.RedisError:
        return


def rows_of(job_id: UUID) -> int:
    """Return how many rows the work is about; 0 where nothing is known."""
    try:
        value = client().get(f"qfce:job:{job_id}:rows")
    except redis.RedisError:
        return 0
    return int(value) if value else 0


def ask_to_stop(job_id: UUID) -> None:
    client().set(f"qfce:job:{job_id}:stop", "1", ex=KEPT_SECONDS)


def is_asked_to_stop(job_id: UUID) -> bool:
    try:
        return bool(client().exists(f"qfce:job:{job_id}:stop"))
    except redis.RedisError:
        return False
