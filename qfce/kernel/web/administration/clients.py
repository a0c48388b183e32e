"""The programs of one's organization, and their secrets, each shown once."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qfce.kernel.errors import Refusal
from qfce.kernel.problems import status_of
from qfce.kernel.tenancy import selectors, services
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.tenancy.models import Client
from qfce.kernel.web import labels
from qfce.kernel.web.forms import NewClientForm
from qfce.kernel.web.pages import tenant_page
from qfce.kernel.web.refusals import words_of
from qfce.kernel.web.tables import Column, Kind, Table

CLIENTS = Table(
    name="clients",
    caption=gettext_lazy("API clients"),
    columns=(
        Column(
            "name",
            gettext_lazy("Program"),
            sort="name",
            href=lambda client: reverse("client", args=[client.pk]),
        ),
        Column("client_id", gettext_lazy("Client id"), Kind.CODE),
        Column("scopes", gettext_lazy("Scopes"), label_of=labels.scopes),
        Column("created", gettext_lazy("Made"), Kind.MOMENT, sort="created"),
        Column(
            "is_active",
            gettext_lazy("State"),
            Kind.STATUS,
            sort="is_active",
            label_of=lambda active: _("Open") if active else _("Closed"),
            tone_of=lambda active: "good" if active else "muted",
        ),
    ),
    search=("name", "client_id"),
    ordering=("name",),
    empty=gettext_lazy("No program yet"),
)


@require_safe
@tenant_page("tenancy.member.manage")
def index(request: HttpRequest, actor: Actor) -> HttpResponse:
    return CLIENTS.respond(request, selectors.clients(actor=actor), "administration/clients.html")


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page("tenancy.member.manage")
def create(request: HttpRequest, actor: Actor) -> HttpResponse:
    form, status = NewClientForm(request.POST or None, kind=actor.organization_kind), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                client, secret = services.create_client(
                    **form.cleaned_data, actor=actor, at=timezone.now()
                )
                return _show(request, client, secret)
            except Refusal as refusal:
                form.add_error(None, str(words_of(refusal)))
                status = status_of(refusal)
    return render(request, "administration/new_client.html", {"form": form}, status=status)


@require_safe
@tenant_page("tenancy.member.manage")
def detail(request: HttpRequest, actor: Actor, client_pk: int) -> HttpResponse:
    return _show(request, selectors.client(client_pk, actor=actor))


@require_POST
@tenant_page("tenancy.member.manage")
def rotate(request: HttpRequest, actor: Actor, client_pk: int) -> HttpResponse:
    client, secret = services.rotate_secret(client_pk, actor=actor, at=timezone.now())
    return _show(request, client, secret)


@require_POST
@tenant_page("tenancy.member.manage")
def close(request: HttpRequest, actor: Actor, client_pk: int) -> HttpResponse:
    client = services.close_client(client_pk, actor=actor, at=timezone.now())
    messages.success(request, _("The program was closed."))
    return redirect("client", client_pk=client.pk)


def _show(request: HttpRequest, client: Client, secret: str = "") -> HttpResponse:
    context = {
        "client": client,
        "secret": secret,
        "roles": [labels.role(name) for name in selectors.roles_of(client)],
        "scopes": [(name, labels.scope(name)) for name in client.scopes],
    }
    response = render(request, "administration/client.html", context)
    if secret:
        patch_cache_control(response, no_store=True)
    return response
