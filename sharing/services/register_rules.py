"""What the register takes as a state, a size, a name or a tag; never who says it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from qfce.kernel.errors import Invalid
from sharing.domain.agreements import lies_within
from sharing.domain.enterprise_sizes import Figures, Size, missing
from sharing.domain.enterprise_states import EnterpriseState
from sharing.domain.industries import section_of

TAG_KINDS = ("chain", "cluster", "county")
LONGEST_NAME = 200
IDENTITY = ("name", "region", "industry", "size")
"""What one person may prepare; the rest of an identity comes by import."""


class SuspensionUnfit(Invalid):
    code = "sharing.enterprise.suspension"
    title = "A lawful suspension has a first and a last day, within what the law allows."


class SizeNotMeasured(Invalid):
    code = "sharing.enterprise.size_not_measured"
    title = "The size can't be worked out from these figures."


class IdentityUnfit(Invalid):
    code = "sharing.enterprise.identity"
    title = "The register can't take these values."


class TagUnfit(Invalid):
    code = "sharing.enterprise.tag"
    title = "There is no such kind of tag, or it has no name."


def check_suspension(
    state: EnterpriseState, *, since: date, until: date | None, longest_years: int
) -> None:
    """
    :raises SuspensionUnfit: if a suspension has no end, or lasts longer than the law allows;
        or anything else has one.
    """
    if state != EnterpriseState.SUSPENDED:
        if until is not None:
            raise _unfit("Only a suspension has a last day.")
        return
    if until is None:
        raise _unfit("Say the last day of the suspension that was filed.")
    # A year that began on 29 February ends on the 28th.
    day = 28 if (since.month, since.day) == (2, 29) else since.day
    last = date(since.year + longest_years, since.month, day)
    if not since <= until <= last:
        raise _unfit(f"It may last to {last}, {longest_years} years.")


def _unfit(detail: str) -> SuspensionUnfit:
    return SuspensionUnfit(
        detail,
        hint="As the enterprise has filed it with its registrar.",
        errors=[{"pointer": "/until", "detail": detail}],
    )


def check_measurable(
    industry: str, sector: str | None, figures: Figures, table: Mapping[str, Any]
) -> None:
    """
    :raises SizeNotMeasured: if the table measures no such industry, or a figure is missing.
    """
    if sector is None or sector not in table:
        raise SizeNotMeasured(
            f"The table does not say how {industry} is measured.",
            hint="Give four digits of GB/T 4754-2017; finance, education and railways are not"
            " measured.",
            errors=[{"pointer": "/industry", "detail": "In no sector of the table."}],
            industry=industry,
        )
    lacking = missing(figures, table[sector])
    negative = [name for name in table[sector] if (getattr(figures, name) or 0) < 0]
    if lacking or negative:
        raise SizeNotMeasured(
            f"{', '.join(lacking + negative)}: the sector is measured by these.",
            hint="Give each figure, none below zero.",
            errors=[
                {"pointer": f"/{name}", "detail": "Needed, and not below zero."}
                for name in lacking + negative
            ],
            industry=industry,
        )


def check_identity(
    changes: Mapping[str, str], *, jurisdiction: str | None, region_is_known: bool
) -> None:
    """
    :raises IdentityUnfit: with a pointer for each value that can't be.
    """
    faults = dict.fromkeys(set(changes) - set(IDENTITY), "Not changed singly.")
    if "name" in changes and not 2 <= len(changes["name"].strip()) <= LONGEST_NAME:
        faults["name"] = f"2 to {LONGEST_NAME} characters."
    region = changes.get("region")
    if region is not None and (
        not region_is_known or (jurisdiction and not lies_within(region, jurisdiction))
    ):
        faults["region"] = "No region of your jurisdiction."
    if "industry" in changes and section_of(changes["industry"]) is None:
        faults["industry"] = "No code of GB/T 4754-2017."
    if "size" in changes and changes["size"] not in list(Size):
        faults["size"] = "No class of size."
    if faults or not changes:
        raise IdentityUnfit(
            f"{', '.join(sorted(faults)) or 'Nothing'} can't be taken.",
            hint="Each fault is named with its place.",
            errors=[
                {"pointer": f"/{name}", "detail": detail} for name, detail in sorted(faults.items())
            ],
        )


def check_tag(kind: str, name: str) -> None:
    """
    :raises TagUnfit: if there is no such kind, or no name.
    """
    if kind not in TAG_KINDS or not name.strip():
        raise TagUnfit(
            "A tag needs a kind and a name.",
            hint=f"Kinds: {', '.join(TAG_KINDS)}.",
            errors=[{"pointer": "/kind", "detail": "No such kind, or no name."}],
        )
