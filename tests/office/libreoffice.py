"""LibreOffice without a screen: it opens a workbook, fills cells in, and stores it again."""

import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from xml.sax.saxutils import escape

MACRO = Path(__file__).with_name("Fill.bas")
SOFFICE = shutil.which("soffice")
_DOCTYPE = '<!DOCTYPE {0} PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "{1}.dtd">'
_LIBRARY = 'xmlns:library="http://openoffice.org/2000/library"'


def fill(source: Path, target: Path, plan: Iterable[tuple[int, int, str, str]]) -> None:
    """Fill in the cells of a plan: row, column, kind and text, as Fill.bas says."""
    lines = ("\t".join(map(str, entry)) for entry in plan)
    planned = source.with_suffix(".plan.txt")
    planned.write_text("\n".join(lines) + "\n", encoding="utf-8")
    profile = source.with_suffix(".profile")
    _run(profile, "--terminate_after_init")  # a profile's first start runs no macro
    _install_macro(profile)
    where = ",".join(f'"{path.as_uri()}"' for path in (source, target, planned))
    _run(profile, f"macro:///Standard.Module1.Fill({where})")


def _run(profile: Path, *arguments: str) -> None:
    command = [str(SOFFICE), f"-env:UserInstallation={profile.as_uri()}", "--headless"]
    subprocess.run(
        [*command, "--norestore", *arguments],
        check=True,
        timeout=240,
        capture_output=True,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )


def _install_macro(profile: Path) -> None:
    """Put the macro where LibreOffice looks for its user's own."""
    basic = profile / "user" / "basic"
    (basic / "Standard").mkdir(parents=True, exist_ok=True)
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    (basic / "script.xlc").write_text(
        head
        + _DOCTYPE.format("library:libraries", "libraries")
        + f'<library:libraries {_LIBRARY} xmlns:xlink="http://www.w3.org/1999/xlink">'
        '<library:library library:name="Standard" xlink:type="simple" library:link="false"'
        ' xlink:href="$(USER)/basic/Standard/script.xlb/"/></library:libraries>'
    )
    (basic / "Standard" / "script.xlb").write_text(
        head
        + _DOCTYPE.format("library:library", "library")
        + f'<library:library {_LIBRARY} library:name="Standard" library:readonly="false"'
        ' library:passwordprotected="false"><library:element library:name="Module1"/>'
        "</library:library>"
    )
    (basic / "Standard" / "Module1.xba").write_text(
        head
        + _DOCTYPE.format("script:module", "module")
        + '<script:module xmlns:script="http://openoffice.org/2000/script"'
        ' script:name="Module1" script:language="StarBasic">'
        + escape(MACRO.read_text(encoding="utf-8"))
        + "</script:module>"
    )
