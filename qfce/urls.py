"""Where every address leads."""

from importlib.util import find_spec

from django.conf import settings
from django.urls import include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularJSONAPIView

from qfce.kernel.api import pages
from qfce.kernel.api.docs import ApiPages
from qfce.kernel.api.tokens import Revocation, Tokens

urlpatterns = [
    path("", include("qfce.kernel.web.urls")),
    path("health/", pages.health, name="health"),
    path("oauth/token/", Tokens.as_view(), name="token"),
    path("oauth/revoke/", Revocation.as_view(), name="revoke-token"),
    path("api/v1/openapi.json", SpectacularJSONAPIView.as_view(), name="openapi"),
    path("api/docs/", ApiPages.as_view(), name="api-docs"),
    path("api/", RedirectView.as_view(url="/api/docs/"), name="api"),
    path("api/v1/", include("qfce.kernel.api.urls")),
    path("api/v1/", include("factors.api.urls")),
    path("api/v1/", include("sharing.api.urls")),
    path("api/v1/", include("evaluation.api.urls")),
    path("api/v1/", include("lending.api.urls")),
    path("api/v1/", include("risk.api.urls")),
]
if settings.SANDBOX:
    urlpatterns.append(path("api/v1/", include("qfce.demo.api.urls")))
# The pages of an app stand under its own name.
urlpatterns += [
    path(f"{app}/", include(f"{app}.web.urls"))
    for app in ("factors", "sharing", "evaluation", "lending", "risk")
    if find_spec(f"{app}.web") and find_spec(f"{app}.web.urls")
]

handler400 = "qfce.kernel.api.pages.bad_request"
handler404 = "qfce.kernel.api.pages.not_found"
handler500 = "qfce.kernel.api.pages.fault"
