"""Telling a reader, through the feed, that something was opened to it or closed again."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from qfce.kernel.audit import events as audit
from qfce.kernel.tenancy.actors import Actor
from sharing.domain.import_lifecycle import Cause, ChangeKind
from sharing.models import FactorChange, Publication
from sharing.services import publications
from sharing.services.publications import NATIONAL


def publish(
    kind: ChangeKind,
    *,
    recipient_id: UUID,
    factor_list: str,
    list_version: int,
    uscc: str = "",
    region: str | None = None,
    changes: Mapping[str, Any] | None = None,
    details: Mapping[str, Any] | None = None,
    actor: Actor,
    at: datetime,
) -> Publication:
    """
    Publish one access row that only its recipient receives. No profile changes by it.

    :param actor: of the regulator that shares, whose organisation is bound.
    :param uscc: empty for what is about an agreement and no single enterprise.
    """
    place = region or actor.region or NATIONAL
    publication = publications.begin(
        cause=Cause.ACCESS,
        factor_list=factor_list,
        list_version=list_version,
        owner=actor,
        prepared_by=actor.user_id,
        released_by=actor.user_id,
        recipient_id=recipient_id,
    )
    FactorChange.objects.create(
        publication_id=publication.pk,
        row=1,
        uscc=uscc,
        region=place,
        province=place[:2],
        kind=kind.value,
        changes=dict(changes or {}),
        details=dict(details or {}),
    )
    publications.finish(publication)
    audit.record(
        "sharing.publication.published",
        publication,
        actor=actor,
        at=at,
        cause=publication.cause,
        number=publication.number,
        rows=publication.rows,
    )
    return publication
