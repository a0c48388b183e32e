"""Programs: OAuth applications, each bound to one organisation and one service account."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from oauth2_provider.models import AbstractApplication

from qfce.kernel.tenancy.models.organizations import Organization


class Client(AbstractApplication):
    """
    A program of an organisation, signing in with client credentials.

    `user` (inherited) is its service account: the actor of its tokens. `scopes` are all
    that it may ask for, and what it gets when it asks for none. The secret is kept hashed.
    """

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="clients")
    scopes = ArrayField(models.CharField(max_length=40), default=list)
    is_active = models.BooleanField(default=True)

    class Meta(AbstractApplication.Meta):
        swappable = "OAUTH2_PROVIDER_APPLICATION_MODEL"

    def is_usable(self, request: object) -> bool:
        return self.is_active and self.organization.is_active
