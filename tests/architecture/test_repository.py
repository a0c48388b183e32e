"""What a clone must hold, and must not."""

import csv
import io
import re
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements", "requirements-dev")
LARGEST_BYTES = 500_000
TOP = {
    ".ci", ".dockerignore", ".gitattributes", ".gitignore", ".npmrc", "CHANGELOG.md",
    "CONTRIBUTING.md", "Dockerfile", "LICENSE", "Makefile", "README.md", "benchmarks",
    "conftest.py", "docker-compose.yml", "docs", "evaluation", "factors", "lending", "manage.py",
    "package-lock.json", "package.json", "pyproject.toml", "qfce", "requirements-dev.in",
    "requirements-dev.txt", "requirements.in", "requirements.txt", "risk", "sharing",
    "templates", "tests",
}  # fmt: skip


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    names = [name for name in listed.stdout.split("\0") if name]
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def texts() -> list[tuple[Path, str]]:
    found = []
    for file in tracked():
        try:
            found.append((file, file.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue  # a workbook, or another file that is not text
    return found


def test_the_top_of_the_house_is_as_drawn():
    assert {file.relative_to(ROOT).parts[0] for file in tracked()} <= TOP


def test_no_file_is_large():
    sizes = {str(file): file.stat().st_size for file in tracked()}
    assert {name: size for name, size in sizes.items() if size > LARGEST_BYTES} == {}


def test_no_file_names_a_package_index():
    hosts = [".".join(parts) for parts in (
        ("pypi", "org"), ("pythonhosted", "org"), ("registry", "npmjs"), ("deb", "debian"),
        ("npmmirror", "com"), ("mirrors", "aliyun"),
    )]  # fmt: skip
    named = [
        (str(file.relative_to(ROOT)), host)
        for file, text in texts()
        for host in hosts
        if host in text
    ]
    assert named == []


def test_nothing_is_left_to_do():
    mark = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
    marked = [str(file.relative_to(ROOT)) for file, text in texts() if mark.search(text)]
    assert marked == []


def test_no_secret_key_of_anybody_is_in_the_tree():
    private = re.compile("-----BEGIN [A-Z ]*PRIVATE " + "KEY-----")
    assert [str(file) for file, text in texts() if private.search(text)] == []


def requirements(name: str) -> list[str]:
    lines = (ROOT / f"{name}.in").read_text().splitlines()
    return [re.split(r"[~=<>\[]", line)[0] for line in lines if re.match(r"[A-Za-z]", line)]


def pinned(name: str) -> dict[str, str]:
    text = (ROOT / f"{name}.txt").read_text()
    return {
        found[1].lower().replace("_", "-"): found[2]
        for found in re.finditer(r"^([\w.-]+)(?:\[[\w,]+\])?==(\S+)", text, re.MULTILINE)
    }


@pytest.mark.parametrize("name", LOCKS)
def test_every_requirement_is_locked_with_hashes(name):
    locked = pinned(name)
    assert {asked.lower().replace("_", "-") for asked in requirements(name)} <= set(locked)
    text = (ROOT / f"{name}.txt").read_text()
    entries = re.split(r"\n(?=[A-Za-z])", text.split("\n", 2)[2])
    assert [entry.split("\n")[0] for entry in entries if "--hash=sha256:" not in entry] == []
    # No option stands in a lock: neither where packages come from nor anything else.
    assert re.findall(r"^-.*", text, re.MULTILINE) == []
    assert "://" not in text


@pytest.mark.parametrize("name", LOCKS)
def test_the_lock_belongs_to_what_was_asked_for(name):
    asked = b"".join((ROOT / f"{lock}.in").read_bytes() for lock in LOCKS)
    assert f"# locked from {sha256(asked).hexdigest()}\n" in (ROOT / f"{name}.txt").read_text()


def test_production_runs_what_was_tested():
    tested = pinned("requirements-dev")
    assert {name: tested.get(name) for name in pinned("requirements")} == pinned("requirements")


@pytest.mark.parametrize("name", LOCKS)
def test_every_requirement_has_its_reason(name):
    """A comment stands above it, or above the group without an empty line that it is in."""
    for group in (ROOT / f"{name}.in").read_text().split("\n\n"):
        assert group.strip().startswith(("#", "-r")), group


def test_one_command_for_everything():
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in ("setup", "demo", "sandbox", "test", "check", "bench", "fix", "run", "worker"):
        assert re.search(rf"make {target}\b", listed), target
    script = (ROOT / ".ci" / "run").read_text()
    assert script.index("make check") < script.index("make test")


def test_decision_records_are_numbered_and_say_all_four_things():
    records = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    assert [int(record.name[:4]) for record in records] == list(range(1, len(records) + 1))
    assert len(records) >= 13
    for record in records:
        headings = re.findall(r"^## (.+)$", record.read_text(), re.MULTILINE)
        assert headings == ["Context", "Decision", "Consequences", "Alternatives considered"], (
            record.name
        )


def test_the_glossary_has_every_term_once_in_both_languages():
    text = (ROOT / "docs" / "glossary.md").read_text()
    rows = [line for line in text.splitlines() if line.startswith("| ")][2:]
    cells = list(csv.reader(io.StringIO("\n".join(row.strip("| ") for row in rows)), delimiter="|"))
    terms = [row[0].strip() for row in cells]
    assert len(terms) >= 74
    assert len(set(terms)) == len(terms)
    assert all(re.search(r"[\u4e00-\u9fff]|LPR", row[1]) for row in cells)
    assert all(row[2].strip() and row[3].strip() for row in cells)


def test_the_guide_has_a_page_for_everybody():
    pages = {page.stem for page in (ROOT / "docs" / "guide").glob("*.md")}
    assert {"regulator", "bank_officer", "api_client", "operator", "developer"} <= pages


def test_links_between_documents_lead_somewhere():
    broken = []
    for file, text in texts():
        if file.suffix == ".md":
            for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
                if not (file.parent / target).exists():
                    broken.append(f"{file.relative_to(ROOT)}: {target}")
    assert broken == []


def test_make_targets_named_in_documents_exist():
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    for file, text in texts():
        if file.suffix == ".md":
            named = set(re.findall(r"`make ([a-z-]+)", text))
            assert named <= targets, (file.name, named - targets)
