"""Inviting somebody, and giving a member a new link: each link is shown once."""

from uuid import UUID

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_http_methods, require_POST

from qfce.kernel.errors import Refusal
from qfce.kernel.problems import status_of
from qfce.kernel.tenancy import people
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.tenancy.models import Membership
from qfce.kernel.web.forms import InviteForm
from qfce.kernel.web.pages import tenant_page
from qfce.kernel.web.refusals import words_of

SUBJECT = "邀请您使用质量融资增信平台 / You are invited"
BODY = """请通过下列一次性链接设置密码并登录：

{link}

Set your password by this one-time link, and sign in.
"""


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page("tenancy.member.manage")
def create(request: HttpRequest, actor: Actor) -> HttpResponse:
    form, status = InviteForm(request.POST or None, kind=actor.organization_kind), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                member, code = people.invite(**form.cleaned_data, actor=actor, at=timezone.now())
                return _show(request, member, code)
            except Refusal as refusal:
                field = "username" if isinstance(refusal, people.UserNameTaken) else None
                form.add_error(field, str(words_of(refusal)))
                status = status_of(refusal)
    return render(request, "administration/new_member.html", {"form": form}, status=status)


@require_POST
@tenant_page("tenancy.member.manage")
def again(request: HttpRequest, actor: Actor, membership_id: UUID) -> HttpResponse:
    member, code = people.invite_again(membership_id, actor=actor, at=timezone.now())
    return _show(request, member, code)


def _show(request: HttpRequest, member: Membership, code: str) -> HttpResponse:
    """Show the link this one time, and mail it where there is an address."""
    # Behind the #, so that no server on the way writes the code into a log.
    base = settings.PUBLIC_URL or request.build_absolute_uri("/").rstrip("/")
    link = f"{base}{reverse('invitation')}#{code}"
    email = member.user.email
    if email:
        body = BODY.format(link=link)
        transaction.on_commit(
            lambda: send_mail(SUBJECT, body, settings.DEFAULT_FROM_EMAIL, [email])
        )
    context = {"member": member, "link": link, "email": email}
    response = render(request, "administration/invited.html", context)
    patch_cache_control(response, no_store=True)
    return response
