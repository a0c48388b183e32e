"""Fetching the one row that a caller named."""

from typing import TypeVar

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import models

from qfce.kernel.errors import NotFound

M = TypeVar("M", bound=models.Model)


class NoSuchRecord(NotFound):
    code = "not_found"
    title = "There is no such record."


def one(queryset: models.QuerySet[M], **lookup: object) -> M:
    """
    Return the one row that a caller named.

    For what must exist, use `.get()` and let it crash. A row that row-level security
    hides is not there: somebody else's record and no record answer alike.

    :raises NoSuchRecord: if there is none.
    """
    try:
        return queryset.get(**lookup)
    except (ObjectDoesNotExist, ValidationError):
        name = queryset.model._meta.verbose_name
        raise NoSuchRecord(
            f"There is no such {name}.", hint="Check the identifier, and that it is yours to see."
        ) from None
