"""Searching the register: codes, pieces of names, initials, and only what one may see."""

from typing import Any

import pytest

from qfce.kernel.tenancy.context import acting_as, bind_actor
from sharing.models import EnterpriseName, FeedCursor
from sharing.selectors import enterprise_lists as register
from sharing.services import enterprise_lists, enterprise_names
from tests.sharing.shared import A, B, N, agree, change, publish, row
from tests.universe import NOON

ANHE = "杭州安和精工科技有限公司"
CITY = "330100"
pytestmark = pytest.mark.django_db


@pytest.fixture
def known(universe: Any) -> Any:
    """Two enterprises in Hangzhou, one in Ningbo."""
    publish(
        universe.shen,
        row(name=ANHE),
        row(uscc=B, region="330110", name="余杭重庆路长城银行（ＡＢＣ）"),
    )
    publish(universe.lu, row(uscc=N, region="330206", name="北仑安和精密"))
    return universe


def found(actor: Any, words: str, **how: Any) -> list[str]:
    with acting_as(actor.organization_id):
        bind_actor(actor)
        return [one.uscc for one in register.search(words, actor=actor, **how)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("安和", [A]),  # two characters, which trigrams do not find
        ("安和精工", [A]),
        ("精 工", [A]),
        ("ahjg", [A]),
        ("HZAH", [A]),
        (A, [A]),
        (A[:8], [A]),
        (A[8:], [A]),  # the organization code alone
        (N, []),  # Ningbo's
        ("abc", [B]),  # as the full-width letters of the name
        ("ccyh", [B]),  # 长城银行, not zhang, not xing
        ("(ABC)", [B]),
        ("安", []),  # one character finds nobody
        ("安和精密", []),  # Ningbo's
        ("%", []),
        ("安_", []),
    ],
)
def test_a_bureau_finds_by_code_piece_and_initials(
    known: Any, words: str, expected: list[str]
) -> None:
    assert found(known.shen, words) == expected


def test_a_province_finds_in_all_its_cities_and_stays_in_one_if_asked(known: Any) -> None:
    assert found(known.zhou, "安和") == sorted([A, N])
    assert found(known.zhou, "安和", region="330200") == [N]
    assert found(known.zhou, "安和", region="330206") == [N]
    assert found(known.shen, "安和", region="330200") == []


def test_a_bank_finds_in_the_regions_of_its_agreements_only(known: Any) -> None:
    assert found(known.lin, "安和") == []
    agree(known, "bank_a", regions=["330113", "330200"])
    assert found(known.lin, "安和") == sorted([A, N])
    assert found(known.lin, "长城") == []
    assert found(known.lin, "安和", region="330200") == [N]


def test_a_bank_finds_who_is_on_lists_shared_with_it(known: Any) -> None:
    with acting_as(known.zhou.organization_id):
        bind_actor(known.zhou)
        kept = enterprise_lists.create("名单", usccs=[A, B], actor=known.zhou, at=NOON)
        enterprise_lists.share(
            kept.pk, recipient_id=known.lin.organization_id, actor=known.zhou, at=NOON
        )
    assert found(known.lin, "安和") == [A]
    assert found(known.lin, N) == []
    with acting_as(known.zhou.organization_id):
        bind_actor(known.zhou)
        enterprise_lists.remove(kept.pk, [A], actor=known.zhou, at=NOON)
    assert found(known.lin, "安和") == []


def test_an_enterprise_finds_itself_alone(known: Any) -> None:
    assert found(known.an, "安和") == [A]
    assert found(known.an, "长城") == []


def test_a_former_name_finds_the_enterprise_and_says_so(known: Any) -> None:
    change(known.shen, "corrected", {"name": "杭州新名机械"})
    with acting_as(known.shen.organization_id):
        bind_actor(known.shen)
        (one,) = register.search("安和", actor=known.shen)
        assert (one.uscc, one.name, one.known_as) == (A, "杭州新名机械", ANHE)
        (two,) = register.search("xmjx", actor=known.shen)
        assert two.known_as is None


def test_names_of_a_large_publication_are_followed_in_parts(
    known: Any, monkeypatch: Any, run_tasks: Any
) -> None:
    monkeypatch.setattr(enterprise_names, "AT_ONCE", 0)
    monkeypatch.setattr(enterprise_names, "BATCH", 1)
    publish(
        known.shen,
        row("91330110MA2B0C8X4J", "330110", name="余杭甲厂"),
        row("91330110MA2B0C8X5H", "330110", name="余杭乙厂"),
    )
    assert found(known.shen, "甲厂") == []
    run_tasks()
    assert len(found(known.shen, "余杭")) == 3
    with acting_as(known.shen.organization_id):
        before = EnterpriseName.objects.count()
        assert not enterprise_names.follow(known.shen.organization_id)
        assert FeedCursor.objects.get(consumer="names").row == 0
        FeedCursor.objects.filter(consumer="names").update(number=0)
    with acting_as(known.shen.organization_id):
        while enterprise_names.follow(known.shen.organization_id):
            pass
        assert EnterpriseName.objects.count() == before


def test_at_most_as_many_as_asked(known: Any) -> None:
    assert len(found(known.zhou, "安和", limit=1)) == 1
