"""People and the accounts that programs act as, and where each of them belongs."""

from enum import StrEnum
from typing import ClassVar
from uuid import uuid4

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models

from qfce.kernel.fields import choices_of, one_of
from qfce.kernel.tenancy.models.organizations import Organization


class UserKind(StrEnum):
    PERSON = "person"
    CLIENT = "client"  # the service account of a program


class User(AbstractUser):
    """
    Somebody, or some program, that acts.

    A program has an account of its own, so that uploader and releaser are different
    accounts between programs too.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    kind = models.CharField(
        max_length=8, choices=choices_of(UserKind), default=UserKind.PERSON.value
    )
    display_name = models.CharField(max_length=80, blank=True)
    language = models.CharField(max_length=10, default="zh-hans")

    class Meta(AbstractUser.Meta):
        constraints: ClassVar = [one_of("kind", UserKind)]

    def __str__(self) -> str:
        return self.display_name or self.username


class Membership(models.Model):
    """What a user is in an organisation: the roles held there."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="memberships"
    )
    roles = ArrayField(models.CharField(max_length=40), default=list)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organization"], name="tenancy_membership_once_per_organization"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} at {self.organization}: {', '.join(self.roles)}"
