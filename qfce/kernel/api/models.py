"""What the API remembers: the answers to requests that carried an idempotency key."""

from typing import ClassVar

from django.db import models

from qfce.kernel.tenancy.models import TenantOwned


class StoredAnswer(TenantOwned):
    """The answer to one request, kept 24 hours, by (organisation, caller, route, key)."""

    id = models.BigAutoField(primary_key=True)
    caller = models.CharField(max_length=100)
    route = models.CharField(max_length=200)
    key = models.CharField(max_length=200)
    request_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    content_type = models.CharField(max_length=80)
    body = models.BinaryField()
    headers = models.JSONField(default=dict)
    stored_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["owner", "caller", "route", "key"], name="api_storedanswer_once"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["stored_at"])]

    def __str__(self) -> str:
        return f"{self.route} {self.key}: {self.status}"
