"""How the records of the version before become those of a version, while it is written."""

from collections.abc import Mapping
from dataclasses import dataclass

from factors import policies
from factors.domain import migration_checks
from factors.domain.catalogue import Catalogue
from factors.domain.list_versions import Problem
from factors.domain.migrations import Step
from factors.selectors import comparisons, factor_lists
from factors.selectors.drafts import Draft
from qfce.kernel.tenancy.actors import Actor


@dataclass(frozen=True, slots=True)
class DraftMigration:
    """
    What a draft says about stored records, and what it has still to say.

    `base` is the version before, None for a list's first; `needed` are its items that cannot
    stay as they are, in its order.
    """

    base: Catalogue | None
    needed: tuple[str, ...]
    steps: tuple[Step, ...]
    problems: tuple[Problem, ...]

    def step_of(self, item: str) -> Step | None:
        return next((step for step in self.steps if step.item == item), None)

    def problems_of(self, item: str) -> list[Problem]:
        """Return what is wrong with the step of one item, or with its having none."""
        places = [f"/migration/steps/{n}" for n, s in enumerate(self.steps) if s.item == item]
        return [
            found
            for found in self.problems
            if any(f"{found.pointer}/".startswith(f"{place}/") for place in places)
            or (found.pointer == "/migration/steps" and found.facts.get("item") == item)
        ]


def of_draft(draft: Draft, *, actor: Actor) -> DraftMigration:
    """Return a draft's migration as it is now, with everything that keeps it from working."""
    catalogue, base = draft.catalogue, factor_lists.before(draft.version)
    found = policies.migration_problems(catalogue, base, stored(catalogue, base, actor=actor))
    return DraftMigration(
        base=base,
        needed=tuple(migration_checks.needed(base, catalogue)) if base else (),
        steps=catalogue.migration.steps if catalogue.migration else (),
        problems=tuple(found),
    )


def stored(catalogue: Catalogue, base: Catalogue | None, *, actor: Actor) -> Mapping[str, int]:
    """
    Return, by item of the version before, how many records hold a value that this one lacks.

    Nothing is counted where a migration speaks of every such item anyway.
    """
    if base is None or catalogue.migration is not None:
        return {}
    return comparisons.stored_values(base, catalogue, actor=actor)
