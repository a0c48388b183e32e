"""The API pages for people, served from here alone, under a policy of their own."""

from typing import Any

from csp.decorators import csp_replace
from django.utils.decorators import method_decorator
from drf_spectacular.views import SpectacularSwaggerSplitView

# Swagger UI sets styles from its script, and draws its marks from data addresses.
POLICY = {"style-src": ["'self'", "'unsafe-inline'"], "img-src": ["'self'", "data:"]}


@method_decorator(csp_replace(POLICY), name="dispatch")
class ApiPages(SpectacularSwaggerSplitView):
    """Swagger UI over our own description; its script is an address of its own, not inline."""

    url_name = "openapi"
    authentication_classes: list[Any] = []
