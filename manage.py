#!/usr/bin/env python
"""Django's command line; `demo` and `sandbox` start their own servers first."""

import os
import sys


def main() -> None:
    """Run one command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qfce.settings")
    if sys.argv[1:2] in (["demo"], ["sandbox"]):
        # The settings refuse to load without a database, and these two bring their own.
        from qfce.demo.shell import main as start

        sys.exit(start(sys.argv[1], sys.argv[2:]))

    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
