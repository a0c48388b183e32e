"""Where every address leads."""

from django.contrib.auth import views as auth
from django.urls import include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularJSONAPIView
from oauth2_provider.views import RevokeTokenView, TokenView

from qfce.kernel.api import pages
from qfce.kernel.api.docs import ApiPages

urlpatterns = [
    path("", pages.start, name="start"),
    path("health/", pages.health, name="health"),
    path("sign-in/", auth.LoginView.as_view(template_name="sign_in.html"), name="sign-in"),
    path("sign-out/", auth.LogoutView.as_view(next_page="/"), name="sign-out"),
    path("oauth/token/", TokenView.as_view(), name="token"),
    path("oauth/revoke/", RevokeTokenView.as_view(), name="revoke-token"),
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

handler404 = "qfce.kernel.api.pages.not_found"
handler500 = "qfce.kernel.api.pages.fault"
