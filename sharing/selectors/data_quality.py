"""All questions about the quality of data: by county, city, item, category and month."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date

from django.db.models import OuterRef, QuerySet, Subquery, Sum, TextField
from django.db.models.functions import Coalesce, Left

from factors.domain.catalogue import Catalogue
from qfce.kernel.tenancy.actors import Actor
from sharing import permissions
from sharing.domain.agreements import prefix_of
from sharing.domain.data_quality import Grouping, Measure, Tally
from sharing.models import BureauScore, Enterprise, FactorProfile, QualityCell

COUNTS = ("enterprises", "filled", "timely", "checked", "upheld")


def months(*, actor: Actor) -> list[date]:
    """Return the months that there is a report of, the newest first."""
    actor.require(permissions.VIEW_IMPORT)
    found = QualityCell.objects.order_by("-month").values_list("month", flat=True)
    return list(found.distinct())


def tallies(
    factor_list: str,
    *,
    by: Grouping,
    month: date | None,
    catalogue: Catalogue,
    region: str = "",
    item: str = "",
    measure: Measure = Measure.COMPLETENESS,
    actor: Actor,
) -> list[Tally]:
    """
    Return the counts of the actor's jurisdiction, the worst by `measure` first.

    By month they come in the order of time, over all months.

    :param month: the first day of a month; by month it is not looked at.
    """
    actor.require(permissions.VIEW_IMPORT)
    cells = QualityCell.objects.filter(factor_list=factor_list)
    if by is not Grouping.MONTH:
        cells = cells.filter(month=month) if month else cells.none()
    if region:
        cells = cells.filter(region__startswith=prefix_of(region))
    if item:
        cells = cells.filter(code=item)
    found = _summed(cells, by, catalogue)
    if by is Grouping.MONTH:
        return sorted(found, key=lambda each: each.key)
    return sorted(found, key=lambda each: (_known(each.of(measure)), each.key))


def total(found: list[Tally], key: str = "") -> Tally:
    """Return what some counts add up to."""
    sums = (sum(getattr(t, n) for t in found) for n in ("possible", *COUNTS[1:]))
    return Tally(key, *sums)


def scores(*, month: date | None, actor: Actor) -> QuerySet[BureauScore]:
    """Return the scores of the actor's bureau and of those below it in a month."""
    actor.require(permissions.VIEW_IMPORT)
    found = BureauScore.objects.select_related("owner")
    return found.filter(month=month) if month else found.none()


def without(
    factor_list: str, item: str, *, region: str = "", actor: Actor
) -> QuerySet[FactorProfile]:
    """Return the profiles that have no value of an item, each with `name` and `held` values."""
    actor.require(permissions.VIEW_IMPORT)
    name = Enterprise.objects.filter(pk=OuterRef("uscc")).values("name")[:1]
    found = FactorProfile.objects.filter(factor_list=factor_list, listed=True)
    found = found.exclude(values__has_key=item).annotate(
        name=Coalesce(Subquery(name), "uscc", output_field=TextField())
    )
    return found.filter(region__startswith=prefix_of(region)) if region else found


def _summed(cells: QuerySet[QualityCell], by: Grouping, catalogue: Catalogue) -> list[Tally]:
    columns: Mapping[Grouping, str] = {
        Grouping.COUNTY: "region",
        Grouping.CITY: "city",
        Grouping.ITEM: "code",
        Grouping.CATEGORY: "code",
        Grouping.MONTH: "month",
    }
    column = columns[by]
    rows = cells.annotate(city=Left("region", 4)).values(column)
    summed = rows.annotate(**{f"n_{name}": Sum(name) for name in COUNTS})
    key_of = _keys(by, catalogue)
    counts: dict[str, list[int]] = defaultdict(lambda: [0] * len(COUNTS))
    for row in summed.order_by(column):
        mine = counts[key_of(row[column])]
        for place, name in enumerate(COUNTS):
            mine[place] += row[f"n_{name}"]
    return [Tally(key, *numbers) for key, numbers in counts.items()]


def _keys(by: Grouping, catalogue: Catalogue) -> Callable[[object], str]:
    if by is Grouping.CITY:
        return lambda prefix: f"{prefix}00"
    if by is Grouping.CATEGORY:
        return lambda code: _category(str(code), catalogue)
    return str


def _category(code: str, catalogue: Catalogue) -> str:
    item = catalogue.items.get(code)
    return item.category if item else ""


def _known(value: float | None) -> float:
    """Order what is unknown behind everything that is known."""
    return 2.0 if value is None else value
