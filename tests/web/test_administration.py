"""Jobs, audit trail, programs and members: who sees what, and each refusal."""

import re

import pytest
from django.utils import translation

from qfce.kernel.audit.models import AuditEvent
from qfce.kernel.jobs import work
from qfce.kernel.jobs.models import Job
from qfce.kernel.tenancy import services
from qfce.kernel.tenancy.actors import MissingPermission, actor_of
from qfce.kernel.tenancy.context import acting_as
from qfce.kernel.tenancy.models import Client, Membership
from qfce.kernel.web import labels
from tests.universe import NOON


def member(universe, name):
    return Membership.objects.select_related("user", "organization").get(
        user_id=getattr(universe, name).user_id
    )


def without_tokens(answer):
    """Return a page without the tokens of its forms, which are masked anew each time."""
    return re.sub(r'(name="csrfmiddlewaretoken" value=)"[^"]+"', r"\1", answer.content.decode())


def events(universe, action):
    with acting_as(universe.bank_a.pk):
        return AuditEvent.objects.filter(action=action).count()


def test_an_administrator_changes_roles(universe, browser):
    lin = member(universe, "lin")
    client = browser(universe.tan)
    form = {"roles": ["credit_officer", "branch_approver"], "is_active": "on"}
    assert client.post(f"/members/{lin.pk}/", form).headers["Location"] == f"/members/{lin.pk}/"
    lin.refresh_from_db()
    assert lin.roles == ["credit_officer", "branch_approver"]
    assert events(universe, "tenancy.member.changed") == 1


def test_htmx_is_sent_on_and_refused_in_place(universe, browser, htmx):
    client, tan = browser(universe.tan), member(universe, "tan")
    lin = member(universe, "lin")
    form = {"roles": ["credit_officer"], "is_active": "on"}
    done = client.post(f"/members/{lin.pk}/", form, headers=htmx("member-roles"))
    assert done.headers["HX-Redirect"] == f"/members/{lin.pk}/"
    refused = client.post(f"/members/{tan.pk}/", {"roles": []}, headers=htmx("member-roles"))
    assert refused.status_code == 409
    assert refused.content.decode().strip().startswith("<section")
    assert "You would lock yourself out." in refused.content.decode()


def test_a_role_of_another_kind_of_organization_is_refused(universe, browser):
    lin = member(universe, "lin")
    answer = browser(universe.tan).post(f"/members/{lin.pk}/", {"roles": ["releaser"]})
    assert answer.status_code == 422
    with pytest.raises(services.MisplacedRole):
        services.set_roles(lin.pk, roles=["releaser"], is_active=True, actor=universe.tan, at=NOON)


def test_members_of_another_organization_are_not_there(universe, browser):
    shen = member(universe, "shen")
    client = browser(universe.tan)
    assert client.get(f"/members/{shen.pk}/").status_code == 404
    assert client.post(f"/members/{shen.pk}/", {"roles": []}).status_code == 404
    assert "shen" not in client.get("/members/").content.decode()


def test_who_was_shut_out_cannot_act(universe, browser):
    lin = member(universe, "lin")
    client = browser(universe.lin)
    with acting_as(universe.bank_a.pk):
        services.set_roles(lin.pk, roles=lin.roles, is_active=False, actor=universe.tan, at=NOON)
    assert client.get("/jobs/").headers["Location"].startswith("/organization/")


def test_a_program_is_made_its_secret_shown_once_and_it_signs_in(universe, browser, client):
    people = browser(universe.tan)
    form = {"name": "core", "roles": ["credit_officer"], "scopes": ["loans:write"]}
    page = people.post("/clients/new/", form)
    assert "no-store" in page.headers["Cache-Control"]
    secret = page.content.decode().split('<span class="secret">')[1].split("</span>")[0]
    made = Client.objects.get(name="core")
    assert secret not in people.get(f"/clients/{made.pk}/").content.decode()
    ask = {"grant_type": "client_credentials", "client_id": made.client_id}
    assert client.post("/oauth/token/", {**ask, "client_secret": secret}).status_code == 200
    assert people.post("/clients/new/", form).status_code == 409


def test_what_a_program_may_do_stands_in_words(universe, browser):
    with acting_as(universe.bank_a.pk):
        services.create_client(
            "core",
            roles=["credit_officer"],
            scopes=["lists:read", "loans:write"],
            actor=universe.tan,
            at=NOON,
        )
    page = browser(universe.tan, language="zh-hans").get("/clients/").content.decode()

    assert "读取要素清单；办理产品、申请与贷款" in page


def test_a_new_secret_ends_the_old_one_and_closing_ends_all(universe, browser, client):
    with acting_as(universe.bank_a.pk):
        made, old = services.create_client(
            "core", roles=["credit_officer"], scopes=["loans:write"], actor=universe.tan, at=NOON
        )
    ask = {"grant_type": "client_credentials", "client_id": made.client_id}
    token = client.post("/oauth/token/", {**ask, "client_secret": old}).json()["access_token"]
    called = {"Authorization": f"Bearer {token}"}
    assert client.get("/api/v1/loan-applications/", headers=called).status_code != 401
    people = browser(universe.tan)
    people.post(f"/clients/{made.pk}/secret/")
    assert client.get("/api/v1/loan-applications/", headers=called).status_code == 401
    assert client.post("/oauth/token/", {**ask, "client_secret": old}).status_code == 401
    people.post(f"/clients/{made.pk}/close/")
    assert people.post(f"/clients/{made.pk}/secret/").status_code == 409
    assert events(universe, "tenancy.client.closed") == 1


def test_programs_of_another_organization_are_not_there(universe, browser):
    other = Client.objects.get(name="bank_b")
    people = browser(universe.tan)
    for path in ("", "secret/", "close/"):
        answer = (
            people.post(f"/clients/{other.pk}/{path}")
            if path
            else people.get(f"/clients/{other.pk}/")
        )
        assert answer.status_code == 404


def test_only_administrators_manage(universe):
    with pytest.raises(MissingPermission):
        services.create_client(
            "x", roles=["credit_officer"], scopes=[], actor=universe.lin, at=NOON
        )
    with pytest.raises(services.NoRole):
        services.create_client("x", roles=[], scopes=[], actor=universe.tan, at=NOON)
    with pytest.raises(services.UnknownScope):
        services.create_client(
            "x", roles=["credit_officer"], scopes=["all"], actor=universe.tan, at=NOON
        )


def test_a_job_is_polled_while_it_runs_and_can_be_stopped(universe, browser, htmx):
    with acting_as(universe.lin.organization_id):
        job = work.create("x", task="jobs.sweep", kwargs={}, actor=universe.lin, at=NOON)
    client = browser(universe.lin)
    part = without_tokens(client.get(f"/jobs/{job.pk}/", headers=htmx("job"))).strip()
    assert 'hx-trigger="every 1s"' in part
    assert part in without_tokens(client.get(f"/jobs/{job.pk}/"))
    client.post(f"/jobs/{job.pk}/cancel/")
    assert "every 1s" not in client.get(f"/jobs/{job.pk}/").content.decode()
    with acting_as(universe.lin.organization_id):
        assert Job.objects.get(pk=job.pk).state == "cancelled"
    assert browser(universe.shen).get(f"/jobs/{job.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("language", "work_said", "phase_said"),
    [("en", "Evaluation batch", "Scoring"), ("zh-hans", "批量评价", "评分中")],
)
def test_a_job_is_named_in_words_and_leads_to_what_it_is_done_for(
    universe, browser, language, work_said, phase_said
):
    with acting_as(universe.lin.organization_id):
        job = work.create(
            "evaluation.batch", task="jobs.sweep", kwargs={}, actor=universe.lin, at=NOON
        )
        Job.objects.filter(pk=job.pk).update(phase="scoring")
    client = browser(universe.lin, language=language)
    listed, page = (client.get(f"/jobs/{end}").content.decode() for end in ("", f"{job.pk}/"))
    assert work_said in listed and phase_said in listed
    assert "evaluation.batch" not in listed
    assert f'href="/evaluation/batches/{job.pk}/"' in page


@pytest.mark.parametrize(
    ("name", "said"),
    [("risk.riskcase", "Case"), ("lending.loanapplication", "Loan application")],
)
def test_what_an_entry_of_the_trail_is_about_is_said_in_words(name, said):
    with translation.override("en"):
        assert labels.target(name) == said


def test_the_audit_trail_is_the_organizations_own_and_records_refusals(universe, browser):
    browser(universe.an).get("/audit/")
    browser(universe.shen).get("/audit/")
    page = browser(universe.xu).get("/audit/?q=refused").content.decode()
    assert "沈洁" not in page
    browser(universe.lin).get("/audit/")
    page = browser(universe.xu).get("/audit/?q=refused").content.decode()
    assert "林涛" in page
    with acting_as(universe.bank_a.pk):
        event = AuditEvent.objects.filter(action="web.request.refused").latest("pk")
    assert browser(universe.xu).get(f"/audit/{event.pk}/").status_code == 200
    assert browser(universe.fang).get(f"/audit/{event.pk}/").status_code == 404


def test_letting_in_forgets_failures(universe, browser):
    lin = member(universe, "lin")
    browser(universe.tan).post(f"/members/{lin.pk}/let-in/")
    assert events(universe, "tenancy.member.let_in") == 1
    assert actor_of(lin).may("jobs.job.view")
