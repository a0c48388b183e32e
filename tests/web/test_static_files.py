"""Static files as production serves them: their names change with their content."""

import re

from django.core.management import call_command
from django.templatetags.static import static


def test_names_hold_the_digest_of_the_content(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    settings.STATICFILES_DIRS = [settings.BASE_DIR / "qfce" / "static"]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "qfce.kernel.web.static_files.HashedFiles"},
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    address = static("qfce/app.css")
    assert re.fullmatch(r"/static/qfce/app\.[0-9a-f]{12}\.css", address)
    stored = tmp_path / address.removeprefix("/static/")
    assert stored.read_bytes() == (settings.BASE_DIR / "qfce/static/qfce/app.css").read_bytes()


def test_a_picture_that_is_not_shipped_does_not_stop_the_rest(settings, tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    (source / "others.css").write_text("a { background: url('not-there.svg') }")
    settings.STATIC_ROOT = tmp_path / "root"
    settings.STATICFILES_DIRS = [source]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "qfce.kernel.web.static_files.HashedFiles"},
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    assert (tmp_path / "root" / "others.css").exists()
