"""The second factor of a person: an authenticator's codes, and codes on paper."""

import base64
from dataclasses import dataclass

from django.db import transaction
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from qfce.kernel.tenancy.models import User
from qfce.kernel.web import pictures

RECOVERY_CODES = 8


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator is shown: the secret, and its picture as a data address."""

    secret: str
    picture: str


def has_one(user: User) -> bool:
    """Test whether a person has confirmed an authenticator."""
    return bool(TOTPDevice.objects.filter(user=user, confirmed=True).exists())


def accepts(user: User, code: str) -> bool:
    """Test a code against the authenticator and the recovery codes, each good once."""
    with transaction.atomic():
        # Locked, so that two requests at once cannot both use one code.
        devices = [
            *TOTPDevice.objects.select_for_update().filter(user=user, confirmed=True),
            *StaticDevice.objects.select_for_update().filter(user=user, confirmed=True),
        ]
        return any(device.verify_token(code) for device in devices)


def begin(user: User) -> TOTPDevice:
    """Return the device that waits to be confirmed, made at the first asking."""
    device, _ = TOTPDevice.objects.get_or_create(user=user, confirmed=False, name="authenticator")
    return device


def enrolment(device: TOTPDevice) -> Enrolment:
    """Return how an authenticator learns of a device."""
    secret = base64.b32encode(device.bin_key).decode()
    return Enrolment(secret, pictures.qr(device.config_url))


def confirm(user: User, code: str) -> list[str] | None:
    """Confirm the waiting device by a code of it; return new recovery codes, None if it fails."""
    with transaction.atomic():
        device = TOTPDevice.objects.select_for_update().filter(user=user, confirmed=False).first()
        if device is None or not device.verify_token(code):
            return None
        TOTPDevice.objects.filter(user=user, confirmed=True).delete()
        device.confirmed = True
        device.save(update_fields=["confirmed"])
        return renew_codes(user)


def renew_codes(user: User) -> list[str]:
    """Replace the recovery codes; each works once, and they are shown this one time."""
    with transaction.atomic():
        device, _ = StaticDevice.objects.get_or_create(user=user, name="recovery")
        device.token_set.all().delete()
        codes = [StaticToken.random_token() for _ in range(RECOVERY_CODES)]
        device.token_set.bulk_create([StaticToken(device=device, token=code) for code in codes])
    return codes


def codes_left(user: User) -> int:
    return int(StaticToken.objects.filter(device__user=user).count())


def remove(user: User) -> None:
    """Take the second factor away, with its recovery codes."""
    with transaction.atomic():
        TOTPDevice.objects.filter(user=user).delete()
        StaticDevice.objects.filter(user=user).delete()
