"""The second wall around what enterprises declare, attacked with raw SQL like the others."""

from typing import Any

from django.utils import timezone

from qfce.kernel.tenancy.context import acting_as
from sharing.domain.consents import digest_of
from sharing.models import Declaration
from sharing.services import declaration_links, declarations
from tests.architecture.test_walls import SECRET, STRANGERS, sql, walls  # noqa: F401 a fixture
from tests.sharing.shared import A, B
from tests.universe import NOON


def test_a_declaration_is_told_to_whoever_holds_its_link_and_nothing_beside_it(
    walls: Any,  # noqa: F811 the fixture, by its name
) -> None:
    for uscc in (A, B):
        with acting_as(walls.shen.organization_id):
            declarations.ask(
                uscc, factor_list="ZJ-QFCE", items=[SECRET], due_on=NOON.date(), actor=walls.shen,
                at=NOON,
            )  # fmt: skip
    with acting_as(walls.shen.organization_id):
        asked = declaration_links.show_link(
            Declaration.objects.get(uscc=A).pk, actor=walls.shen, at=timezone.now()
        )
    held = digest_of(asked.partition("#")[2])
    everybody = (*STRANGERS, "bank_a", "enterprise", "ningbo")
    for organization in (walls.organizations[name] for name in everybody):
        told = sql(organization, "SELECT uscc, answers FROM qfce_declaration_by_token(%s)", held)
        assert [uscc for uscc, _answers in told] == [A]
        assert sql(organization, "SELECT * FROM qfce_declaration_by_token(%s)", held[:-1]) == []
    for name in ("bank_a", "bank_b", "operator", "ningbo"):
        found = sql(walls.organizations[name], "SELECT count(*) FROM sharing_declaration")
        assert found == [(0,)], name
    use = "SELECT qfce_declare_by_token(%s, '{\"QI-11\": \"1\"}', 'x', '1', 'x', now())"
    bank = walls.organizations["bank_b"]
    assert sql(bank, use, "0" * 64) == [(None,)]
    assert sql(bank, use, held)[0][0], "the link itself is the right"
    assert sql(bank, use, held) == [(None,)], "and works once"
    ((answers,),) = sql(bank, "SELECT answers::text FROM qfce_declaration_by_token(%s)", held)
    assert answers == "{}", "what was declared is nobody's to read by it"
