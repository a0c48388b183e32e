"""Beginning a list, or its next version, from nothing or from what is published."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from factors.domain.item_types import CATEGORIES
from factors.models import DraftRevision, FactorListVersion
from factors.selectors import factor_lists as lists
from factors.services import draft_edits, draft_steps, factor_lists
from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.actors import Actor

CATEGORY_NAMES = {
    "quality_credit": ("质量信用", "Quality credit"),
    "quality_management": ("质量管理", "Quality management"),
    "quality_brand": ("质量品牌", "Quality brand"),
    "quality_foundation": ("质量基础", "Quality foundation"),
    "quality_innovation": ("质量创新", "Quality innovation"),
}


@transaction.atomic
def start(
    *,
    code: str,
    name_zh: str,
    name_en: str,
    region: str,
    effective_from: date,
    source: str = "",
    actor: Actor,
    at: datetime,
) -> FactorListVersion:
    """
    Begin a list of the actor's own.

    :param source: `CODE/NUMBER` of a version that the actor sees, whose items and rules it
        takes over; empty: the five categories of the notice, and nothing in them.
    :raises NoSuchRecord: if the actor sees no such version.
    :raises NotListOwner, CodeTaken, VersionOpen: as `factor_lists.create_draft`.
    """
    document = _content_of(source, actor=actor) if source else _empty()
    document |= {
        "code": code,
        "version": 1,
        "name_zh": name_zh,
        "name_en": name_en,
        "region": region,
        "effective_from": None,
    }
    return factor_lists.create_draft(document, effective_from=effective_from, actor=actor, at=at)


@transaction.atomic
def start_next(code: str, *, actor: Actor, at: datetime) -> FactorListVersion:
    """
    Begin the next version of a list from the one published last, to count from today.

    :raises NoSuchRecord: if none was published.
    :raises NotListOwner, VersionOpen: as `factor_lists.create_draft`.
    """
    document = lists.newest(code).to_document()
    document.pop("migration", None)  # that led to the version before
    return factor_lists.create_draft(document, effective_from=business_day(at), actor=actor, at=at)


def set_first_day(
    version_id: UUID, *, effective_from: date, actor: Actor, at: datetime
) -> DraftRevision | None:
    """Set a draft's first day, whoever else has set it since it was looked at."""
    with transaction.atomic():
        version = factor_lists.locked(version_id)
        steps = draft_steps.last_number(version)
        return draft_edits.set_first_day(
            version_id, effective_from, steps=steps, actor=actor, at=at
        )


def _content_of(source: str, *, actor: Actor) -> dict[str, Any]:
    code, _, number = source.rpartition("/")
    document = lists.content(lists.version(code, int(number), actor=actor)).to_document()
    document.pop("migration", None)
    return document


def _empty() -> dict[str, Any]:
    return {
        "categories": [
            {"code": code, "name_zh": CATEGORY_NAMES[code][0], "name_en": CATEGORY_NAMES[code][1]}
            for code in CATEGORIES
        ],
        "items": [],
        "rules": [],
        "report_rules": [],
    }
