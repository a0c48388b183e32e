"""How people come in: the link of an invitation, a new one, and one's own password."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client

from qfce.kernel.audit.models import AuditEvent
from qfce.kernel.tenancy import people
from qfce.kernel.tenancy.actors import MissingPermission
from qfce.kernel.tenancy.context import acting_as
from qfce.kernel.tenancy.models import Membership, User
from tests.universe import NOON

GOOD = "kiln-otter-57-lantern"
ASKED = {"name": "程远", "username": "cheng.yuan", "email": "", "roles": ["credit_officer"]}
CHANGE = "/account/password/"


def invite(universe, browser, **given):
    return browser(universe.tan).post("/members/new/", {**ASKED, **given})


def code_of(answer):
    found = re.search(r"/account/invitation/#([\w.:-]+)", answer.content.decode())
    assert found, answer.content.decode()[:500]
    return found[1]


def accept(code, password=GOOD, again=None):
    sent = {"code": code, "password": password, "again": again or password}
    return Client().post("/account/invitation/", sent)


def member_of(universe, name):
    return Membership.objects.get(user_id=getattr(universe, name).user_id)


def recorded(universe, action):
    with acting_as(universe.bank_a.pk):
        return AuditEvent.objects.filter(action=action).count()


def test_somebody_invited_sets_a_password_and_is_in(universe, browser):
    answer = invite(universe, browser)
    assert answer.headers["Cache-Control"].count("no-store") == 1
    newcomer = User.objects.get(username="cheng.yuan")
    assert not newcomer.has_usable_password()
    membership = newcomer.memberships.get()
    assert (membership.organization_id, membership.roles) == (
        universe.bank_a.pk,
        ["credit_officer"],
    )
    done = accept(code_of(answer))
    assert done.headers["Location"] == "/"
    newcomer.refresh_from_db()
    assert newcomer.check_password(GOOD)
    signed_in = Client().post("/sign-in/", {"username": "cheng.yuan", "password": GOOD})
    assert signed_in.headers["Location"] == "/"
    assert recorded(universe, "tenancy.member.invited") == 1
    assert recorded(universe, "tenancy.member.invitation_accepted") == 1


def test_where_a_second_factor_is_required_it_is_enrolled_first(universe, browser, settings):
    code = code_of(invite(universe, browser))
    settings.SECOND_FACTOR_REQUIRED = True
    assert accept(code).headers["Location"] == "/sign-in/enrol/"


def test_a_link_works_once(universe, browser):
    code = code_of(invite(universe, browser))
    accept(code)
    again = accept(code, "another-lantern-58")
    assert again.status_code == 409
    assert "Nothing can be done by this link" in again.content.decode() or "链接" in (
        again.content.decode()
    )
    assert User.objects.get(username="cheng.yuan").check_password(GOOD)


@pytest.mark.parametrize("code", ["", "x", "5b5e7b1e-0000-4000-8000-000000000000.c-abc", "a.b.c"])
def test_a_made_up_code_opens_nothing(universe, code):
    assert accept(code).status_code in {409, 422}


def test_a_link_is_void_after_three_days(universe, browser, monkeypatch):
    code = code_of(invite(universe, browser))
    later = people._TOKENS._now() + timedelta(days=3, minutes=1)
    monkeypatch.setattr(people._Invitations, "_now", lambda self: later)
    assert accept(code).status_code == 409


@pytest.mark.parametrize("password", ["short", "password1234", "cheng.yuan"])
def test_an_easy_password_is_refused_at_its_field(universe, browser, password):
    answer = accept(code_of(invite(universe, browser)), password)
    assert answer.status_code == 400
    assert "field-error" in answer.content.decode()
    assert not User.objects.get(username="cheng.yuan").has_usable_password()


def test_two_that_differ_are_refused(universe, browser):
    answer = accept(code_of(invite(universe, browser)), GOOD, "another-lantern-58")
    assert answer.status_code == 422


def test_the_link_is_mailed_where_there_is_an_address(universe, browser, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    answer = invite(universe, browser, email="cheng@example.com")
    [sent] = mail.outbox
    assert sent.to == ["cheng@example.com"] and code_of(answer) in sent.body


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"username": "lin"}, 409),
        ({"username": "Not a name"}, 422),
        ({"roles": []}, 422),
        ({"roles": ["releaser"]}, 422),
        ({"name": ""}, 422),
    ],
)
def test_what_cannot_be_invited_is_refused(universe, browser, given, status):
    before = User.objects.count()
    assert invite(universe, browser, **given).status_code == status
    assert User.objects.count() == before


def test_only_administrators_invite(universe, browser):
    assert browser(universe.lin).post("/members/new/", ASKED).status_code == 403
    with pytest.raises(MissingPermission):
        people.invite(
            username="x", name="x", email="", roles=["credit_officer"], actor=universe.lin, at=NOON
        )


def test_a_new_link_ends_the_password_and_the_former_link(universe, browser):
    former = code_of(invite(universe, browser))
    member = Membership.objects.get(user__username="cheng.yuan")
    answer = browser(universe.tan).post(f"/members/{member.pk}/link/")
    assert accept(former).status_code == 409
    accept(code_of(answer))
    answer = browser(universe.tan).post(f"/members/{member.pk}/link/")
    assert not Client().login(username="cheng.yuan", password=GOOD)
    assert accept(code_of(answer), "another-lantern-58").status_code == 302


def test_nobody_takes_over_an_account_that_opens_another_organization(universe, browser):
    lin = member_of(universe, "lin")
    Membership.objects.create(user_id=lin.user_id, organization=universe.bank_b, roles=["auditor"])
    assert browser(universe.tan).post(f"/members/{lin.pk}/link/").status_code == 409
    assert User.objects.get(pk=lin.user_id).has_usable_password()


def test_the_administrators_own_account_gets_no_link(universe, browser):
    own = member_of(universe, "tan")
    assert browser(universe.tan).post(f"/members/{own.pk}/link/").status_code == 409


def test_a_member_of_another_organization_is_not_found(universe, browser):
    foreign = member_of(universe, "shen")
    assert browser(universe.tan).post(f"/members/{foreign.pk}/link/").status_code == 404


def change(client, present, password=GOOD, again=None):
    sent = {"present": present, "password": password, "again": again or password}
    return client.post(CHANGE, sent)


def test_one_changes_ones_own_password_and_stays_signed_in(universe, browser):
    user = User.objects.get(pk=universe.lin.user_id)
    user.set_password("former-otter-12-kiln")
    user.save()
    here, elsewhere = browser(universe.lin), browser(universe.lin)
    assert change(here, "former-otter-12-kiln").headers["Location"] == CHANGE
    assert here.get("/").status_code == 200
    assert elsewhere.get(CHANGE).status_code == 302
    user.refresh_from_db()
    assert user.check_password(GOOD)
    assert recorded(universe, "tenancy.password.changed") == 1


def test_a_wrong_present_password_counts_as_a_failure(universe, browser, settings):
    client = browser(universe.lin)
    for _ in range(settings.SIGN_IN_ATTEMPTS):
        assert change(client, "wrong").status_code == 400
    assert change(client, "wrong").status_code == 409


def test_a_weak_new_password_is_refused(universe, browser):
    user = User.objects.get(pk=universe.lin.user_id)
    user.set_password("former-otter-12-kiln")
    user.save()
    client = browser(universe.lin)
    assert change(client, "former-otter-12-kiln", "short").status_code == 400
    assert change(client, "former-otter-12-kiln", GOOD, "other").status_code == 422
    user.refresh_from_db()
    assert user.check_password("former-otter-12-kiln")
