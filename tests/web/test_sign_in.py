"""Signing in: outcome by outcome, refusal by refusal."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from qfce.kernel.audit.models import AuditEvent
from qfce.kernel.tenancy.context import acting_as
from qfce.kernel.tenancy.models import Membership, User
from qfce.kernel.web import attempts, second_factors

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "a long enough pass phrase"


@pytest.fixture
def lin(universe):
    user = User.objects.get(pk=universe.lin.user_id)
    user.set_password(PASSWORD)
    user.language = "en"
    user.save()
    return user


def give(client, password=PASSWORD, **more):
    return client.post("/sign-in/", {"username": "lin", "password": password, **more})


def signed_in(client):
    return "_auth_user_id" in client.session


def code_of(device):
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits, device.drift)
    totp.time = timezone.now().timestamp()
    return f"{totp.token():06d}"


@pytest.fixture
def device(lin):
    second_factors.begin(lin)
    device = TOTPDevice.objects.get(user=lin)
    codes = second_factors.confirm(lin, code_of(device))
    assert codes is not None and len(codes) == 8
    # The code of this half minute was used for confirming.
    TOTPDevice.objects.update(last_t=-1)
    device.refresh_from_db()
    return device


def events(user, action):
    membership = Membership.objects.get(user=user)
    with acting_as(membership.organization_id):
        return AuditEvent.objects.filter(action=action).count()


def test_a_password_signs_in_and_is_recorded(lin, client):
    answer = give(client, next="/jobs/?state=failed")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/jobs/?state=failed"
    assert signed_in(client)
    assert events(lin, "tenancy.sign_in.performed") == 1


def test_nobody_is_sent_to_a_stranger_afterwards(lin, client):
    assert give(client, next="https://elsewhere.example/").headers["Location"] == "/"


def test_a_wrong_password_says_neither_which_was_wrong(lin, client):
    wrong = give(client, "wrong").content
    stranger = Client()
    stranger.cookies["django_language"] = "en"
    said = stranger.post("/sign-in/", {"username": "nobody", "password": "x"}).content
    assert b"User name or password is wrong. 4 attempts are left." in said
    assert "用户名或密码不正确。还可以再试 4 次。".encode() in wrong
    assert not signed_in(client)
    assert events(lin, "tenancy.sign_in.refused") == 1


def test_after_five_failures_the_name_rests_even_for_the_right_password(lin, client):
    for _ in range(5):
        answer = give(client, "wrong")
    assert "15 分钟".encode() in answer.content
    answer = give(client)
    assert answer.status_code == 409
    assert not signed_in(client)
    attempts.forget("lin")
    give(client)
    assert signed_in(client)


def test_a_rest_is_over_after_its_time(lin, settings):
    at = timezone.now()
    for _ in range(settings.SIGN_IN_ATTEMPTS):
        attempts.failed("lin", at=at)
    with pytest.raises(attempts.SignInLocked):
        attempts.check("LIN ", at=at)
    attempts.check("lin", at=at + timedelta(minutes=settings.SIGN_IN_LOCKED_MINUTES, seconds=1))


def test_the_account_of_a_program_cannot_sign_in_to_pages(universe, client):
    user = User.objects.get(username="client-bank_a")
    user.set_password(PASSWORD)
    user.save()
    answer = client.post("/sign-in/", {"username": user.username, "password": PASSWORD})
    assert answer.status_code == 422


def test_with_an_authenticator_the_password_alone_is_not_enough(lin, device, client):
    assert give(client, next="/jobs/").headers["Location"] == "/sign-in/code/"
    assert not signed_in(client)
    assert client.get("/jobs/").status_code == 302
    assert client.post("/sign-in/code/", {"code": "000000"}).status_code == 422
    TOTPDevice.objects.update(throttling_failure_count=0)
    answer = client.post("/sign-in/code/", {"code": code_of(device)})
    assert answer.headers["Location"] == "/jobs/"
    assert signed_in(client)


def test_a_recovery_code_works_once(lin, device, client):
    code = second_factors.renew_codes(lin)[0]
    give(client)
    client.post("/sign-in/code/", {"code": code.upper()})
    assert signed_in(client)
    assert second_factors.codes_left(lin) == 7
    again = Client()
    give(again)
    again.post("/sign-in/code/", {"code": code})
    assert not signed_in(again)


def test_guessing_codes_locks_the_name(lin, device, client):
    give(client)
    for _ in range(5):
        client.post("/sign-in/code/", {"code": "000000"})
    TOTPDevice.objects.update(throttling_failure_count=0)
    assert client.post("/sign-in/code/", {"code": code_of(device)}).status_code == 409
    assert not signed_in(client)


def test_the_page_for_a_code_is_nothing_without_a_password(db, client):
    assert client.get("/sign-in/code/").headers["Location"] == "/sign-in/"
    assert client.get("/sign-in/enrol/").headers["Location"] == "/sign-in/"


def test_where_a_second_factor_is_required_nobody_comes_in_without(lin, client, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    assert give(client).headers["Location"] == "/sign-in/enrol/"
    assert not signed_in(client)
    page = client.get("/sign-in/enrol/").content
    assert b"data:image/svg+xml;base64," in page
    waiting = TOTPDevice.objects.get(user=lin, confirmed=False)
    answer = client.post("/sign-in/enrol/", {"code": code_of(waiting)})
    assert answer.headers["Location"] == "/account/second-factor/"
    assert signed_in(client)
    assert client.get("/account/second-factor/").content.count(b"<li>") >= 8
    assert client.post("/account/second-factor/remove/").status_code == 409


def test_an_authenticator_can_be_enrolled_and_taken_away(universe, browser, lin):
    client = browser(universe.lin)
    client.get("/account/second-factor/enrol/")
    waiting = TOTPDevice.objects.get(user=lin)
    assert client.post("/account/second-factor/enrol/", {"code": "1"}).status_code == 422
    TOTPDevice.objects.update(throttling_failure_count=0)
    client.post("/account/second-factor/enrol/", {"code": code_of(waiting)})
    assert second_factors.has_one(lin)
    client.post("/account/second-factor/codes/")
    assert second_factors.codes_left(lin) == 8
    client.post("/account/second-factor/remove/")
    assert not second_factors.has_one(lin)


def test_one_click_signs_in_as_one_of_the_cast(universe, client):
    assert client.post("/sign-in/as/shen/").status_code == 302
    assert client.get("/").status_code == 200
    assert client.post("/sign-in/as/client-bank_a/").status_code == 404
    assert client.post("/sign-in/as/nobody/").status_code == 404
    assert client.get("/sign-in/as/shen/").status_code == 405


def test_with_production_settings_nobody_is_signed_in_by_a_click():
    """The address is not there, and neither is the gallery; the second factor is required."""
    kept = {
        k: v for k, v in os.environ.items() if k not in {"QFCE_SANDBOX", "QFCE_DEMO", "QFCE_DEBUG"}
    }
    program = (
        "import django; django.setup()\n"
        "from django.conf import settings\n"
        "from django.urls import resolve, Resolver404\n"
        "assert settings.SECOND_FACTOR_REQUIRED and settings.SESSION_COOKIE_SECURE\n"
        "for path in ('/sign-in/as/lin/', '/ui/', '/ui/forms/'):\n"
        "    try:\n"
        "        resolve(path)\n"
        "    except Resolver404:\n"
        "        continue\n"
        "    raise SystemExit(path)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=kept, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_setting_alone_closes_the_click_too(universe, client, settings):
    settings.SIGN_IN_AS_ANYBODY = False
    assert client.post("/sign-in/as/shen/").status_code == 404
    assert b"/sign-in/as/" not in client.get("/sign-in/").content


def test_a_member_of_two_organizations_says_for_which_they_act(universe, lin, client):
    Membership.objects.create(user=lin, organization=universe.bank_b, roles=["credit_officer"])
    answer = give(client, next="/jobs/")
    assert answer.headers["Location"] == "/organization/?next=%2Fjobs%2F"
    assert client.get("/jobs/").headers["Location"].startswith("/organization/")
    strange = client.post("/organization/", {"organization": str(universe.province.pk)})
    assert strange.status_code == 422
    chosen = {"organization": str(universe.bank_b.pk), "next": "/jobs/"}
    assert client.post("/organization/", chosen).headers["Location"] == "/jobs/"
    assert "Linjiang Bank" in client.get("/jobs/").content.decode()


def test_an_expired_session_says_so_and_leads_back(universe, browser):
    client = browser(universe.lin)
    client.session.flush()
    client.cookies["sessionid"] = "gone"
    answer = client.get("/jobs/?state=failed")
    assert answer.headers["Location"] == "/sign-in/?next=%2Fjobs%2F%3Fstate%3Dfailed&expired=1"
    part = client.get("/jobs/", headers={"HX-Request": "true"})
    assert part.headers["HX-Redirect"].startswith("/sign-in/")
    assert "长时间未操作" in client.get(answer.headers["Location"]).content.decode()


def test_signing_out_ends_the_session(universe, browser):
    client = browser(universe.lin)
    client.post("/sign-out/")
    assert client.get("/jobs/").status_code == 302


def test_the_language_is_kept_on_the_person_and_in_a_cookie(universe, browser):
    client = browser(universe.lin, language="zh-hans")
    answer = client.post("/language/", {"language": "en", "next": "/jobs/"})
    assert answer.headers["Location"] == "/jobs/"
    assert User.objects.get(pk=universe.lin.user_id).language == "en"
    assert "Background work" in client.get("/jobs/").content.decode()
    client.post("/language/", {"language": "fr"})
    assert User.objects.get(pk=universe.lin.user_id).language == "en"
    fresh = Client(headers={"Accept-Language": "en"})
    assert "登录" in fresh.get("/sign-in/").content.decode()
