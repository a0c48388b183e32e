"""Enterprise lists: who is on them, and who is shown them."""

import pytest

from qfce.kernel.rows import NoSuchRecord
from qfce.kernel.tenancy.actors import MissingPermission
from qfce.kernel.tenancy.context import acting_as
from sharing.models import ReadLog
from sharing.policies import RecipientUnfit
from sharing.selectors import enterprise_lists as selectors
from sharing.services import enterprise_lists
from sharing.services.enterprise_lists import MembersUnknown
from tests.sharing.shared import A, B, N, agree, publish, row
from tests.universe import NOON


@pytest.fixture
def kept(universe):
    publish(universe.zheng, row(name="临平安和精工"), row(B, "330110", name="余杭一号"))
    publish(universe.mo, row(N, "330206", name="北仑二号"))
    zhou = universe.zhou
    with acting_as(zhou.organization_id):
        return enterprise_lists.create("重点企业", kind="key", usccs=[A, N], actor=zhou, at=NOON)


def members(actor, kept, **page):
    with acting_as(actor.organization_id):
        return selectors.members(kept.pk, actor=actor, **page)


def test_a_list_is_seen_by_its_keeper_alone_until_it_is_shared(universe, kept):
    assert [m.uscc for m in members(universe.zhou, kept)[0]] == [A, N]
    with pytest.raises(NoSuchRecord):
        members(universe.lin, kept)

    with acting_as(universe.zhou.organization_id):
        enterprise_lists.share(
            kept.pk,
            recipient_id=universe.organizations["bank_a"].pk,
            actor=universe.zhou,
            at=NOON,
        )
    found, more = members(universe.lin, kept)
    assert ([m.name for m in found], more) == (["临平安和精工", "北仑二号"], None)
    with pytest.raises(NoSuchRecord):
        members(universe.bank_b_officer, kept)
    with acting_as(universe.lin.organization_id):
        assert ReadLog.objects.get(kind="members").subjects == 2
        (shown,) = selectors.list_for(actor=universe.lin)
    assert shown.member_count == 2


def test_members_come_in_pages(universe, kept):
    first, more = members(universe.zhou, kept, limit=1)
    second, end = members(universe.zhou, kept, after=more, limit=1)

    assert ([first[0].uscc, second[0].uscc], end) == ([A, N], None)


def test_sharing_can_be_taken_back(universe, kept):
    bank = universe.organizations["bank_a"].pk
    with acting_as(universe.zhou.organization_id):
        enterprise_lists.share(kept.pk, recipient_id=bank, actor=universe.zhou, at=NOON)
        enterprise_lists.unshare(kept.pk, recipient_id=bank, actor=universe.zhou, at=NOON)

    with pytest.raises(NoSuchRecord):
        members(universe.lin, kept)


def test_enterprises_come_and_go(universe, kept):
    zhou = universe.zhou
    with acting_as(zhou.organization_id):
        assert enterprise_lists.add(kept.pk, [A, B], actor=zhou, at=NOON) == 1
        assert enterprise_lists.remove(kept.pk, [A], actor=zhou, at=NOON) == 1
        assert enterprise_lists.remove(kept.pk, [A], actor=zhou, at=NOON) == 0

    assert [m.uscc for m in members(zhou, kept)[0]] == [B, N]


def test_a_list_names_only_enterprises_of_the_register(universe, kept):
    with pytest.raises(MembersUnknown), acting_as(universe.zhou.organization_id):
        enterprise_lists.add(kept.pk, ["91330100XXXXXXXXX0"], actor=universe.zhou, at=NOON)


def test_others_keep_and_share_nothing(universe, kept):
    with pytest.raises(MissingPermission), acting_as(universe.lin.organization_id):
        enterprise_lists.create("ours", usccs=[A], actor=universe.lin, at=NOON)
    with pytest.raises(RecipientUnfit), acting_as(universe.zhou.organization_id):
        enterprise_lists.share(
            kept.pk,
            recipient_id=universe.organizations["enterprise"].pk,
            actor=universe.zhou,
            at=NOON,
        )


def search(actor, words):
    with acting_as(actor.organization_id):
        return [found.uscc for found in selectors.search(words, actor=actor)]


def test_the_register_is_searched_within_what_one_may_see(universe, kept):
    lin = universe.lin
    assert search(lin, "安和") == []
    with acting_as(universe.zhou.organization_id):
        enterprise_lists.share(
            kept.pk,
            recipient_id=universe.organizations["bank_a"].pk,
            actor=universe.zhou,
            at=NOON,
        )
    assert search(lin, "安和") == [A]
    assert search(lin, "余杭") == []
    agree(universe, "bank_a", regions=["330110"])
    assert search(lin, "余杭") == [B]
    assert search(lin, B.lower()) == [B]
    assert search(lin, "%%") == []
    assert search(universe.wu, "9133") == [A]
    assert search(universe.an, "9133") == [A]
    assert search(universe.bank_b_officer, "9133") == []
