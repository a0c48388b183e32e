"""Write the cast and the published list into the database that DATABASE_URL names."""

import os

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qfce.settings")
    django.setup()

    # Settings come first.
    from qfce.demo import setting
    from tests import universe

    universe.build()
    setting.publish_list(at=universe.NOON)


if __name__ == "__main__":
    main()
