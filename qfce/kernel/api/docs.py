"""The API pages for people, served from here alone, under a policy of their own."""

from typing import Any

from csp.decorators import csp_replace
from django.utils.decorators import method_decorator
from drf_spectacular.views import SpectacularRedocView

# Redoc sets styles from its script and draws in a worker made from a blob.
POLICY = {
    "style-src": ["'self'", "'unsafe-inline'"],
    "script-src": ["'self'", "'unsafe-inline'"],
    "worker-src": ["'self'", "blob:"],
    "img-src": ["'self'", "data:"],
}


@method_decorator(csp_replace(POLICY), name="dispatch")
class ApiPages(SpectacularRedocView):
    """Redoc over our own description."""

    url_name = "openapi"
    authentication_classes: list[Any] = []
