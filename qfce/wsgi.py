"""The WSGI entry point that granian serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qfce.settings")
application = get_wsgi_application()

from qfce.kernel.tenancy.startup import refuse_privileged_role  # noqa: E402 settings come first
from qfce.kernel.web.settling import settle  # noqa: E402

refuse_privileged_role()
settle()
