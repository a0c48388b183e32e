"""Versions of a small list in the states that tests begin from, reached by services."""

from datetime import timedelta

import pytest

from factors.services import factor_lists, sign_offs
from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.context import acting_as
from tests.factors import lists
from tests.universe import NOON

LATER = NOON + timedelta(hours=3)
TODAY = business_day(NOON)


class Desk:
    """Does what an actor does, bound to the actor's organization, three hours after noon."""

    def __init__(self, universe):
        self.universe = universe

    def as_(self, actor, call, *arguments, **named):
        with acting_as(actor.organization_id, user_id=actor.user_id):
            return call(*arguments, actor=actor, at=LATER, **named)

    def draft(self, document=None, *, actor=None, effective_from=TODAY):
        return self.as_(
            actor or self.universe.zhou,
            factor_lists.create_draft,
            document or lists.small(),
            effective_from=effective_from,
        )

    def in_review(self, *signers, document=None):
        zhou = self.universe.zhou
        version = self.draft(document)
        self.as_(
            zhou,
            factor_lists.set_signers,
            version.factor_list.code,
            [signer.organization_id for signer in signers],
        )
        return self.as_(zhou, factor_lists.submit_for_review, version.pk)

    def sign(self, version, signer):
        return self.as_(signer, sign_offs.sign, version.pk, digest=version.digest)

    def published(self, document=None):
        version = self.in_review(document=document)
        return self.as_(self.universe.zhou, factor_lists.publish, version.pk)


@pytest.fixture
def desk(universe):
    return Desk(universe)
