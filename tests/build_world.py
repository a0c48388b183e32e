"""Write the cast and the published list into the database that DATABASE_URL names."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qfce.settings")
django.setup()

from qfce.demo import setting  # noqa: E402 settings come first
from tests import universe  # noqa: E402

universe.build()
setting.publish_list(at=universe.NOON)
