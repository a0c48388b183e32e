"""Columns and constraints that every app uses."""

from enum import StrEnum

from django.db import models
from django.db.models import Q


def choices_of(terms: type[StrEnum]) -> list[tuple[str, str]]:
    return [(term.value, term.value.replace("_", " ")) for term in terms]


def one_of(field: str, terms: type[StrEnum]) -> models.CheckConstraint:
    """The database knows the vocabulary too: choices alone bind only forms."""
    return models.CheckConstraint(
        name=f"%(app_label)s_%(class)s_{field}_known",
        condition=Q(**{f"{field}__in": [term.value for term in terms]}),
    )


def all_or_none(*fields: str, name: str) -> models.CheckConstraint:
    """Facts that come true together are stored together: who, when, and why."""
    return models.CheckConstraint(
        name=f"%(app_label)s_%(class)s_{name}_all_or_none",
        condition=Q(**{f"{f}__isnull": True for f in fields})
        | Q(**{f"{f}__isnull": False for f in fields}),
    )
