"""Comparisons in their files: read by the page, kept for each reader, lost without harm."""

import threading
from uuid import uuid4

import pyarrow as pa
import pytest

from sharing.services import kept_comparisons as kept

COLUMNS = len(kept.COLUMNS)


def line(n, what="changed", region="330110", name="精工"):
    return (f"U{n:05}", f"{name}{n}", region, what, "QC-05", str(n), None, None, None)


def chunk(*lines):
    columns = [pa.array(column, pa.string()) for column in zip(*lines, strict=True)]
    return pa.table(columns, names=kept.COLUMNS)


@pytest.fixture
def folder(settings, tmp_path):
    settings.QFCE_DATA = tmp_path
    return uuid4()


def key(reader="a" * 32):
    return f"{reader}-{uuid4().hex}"


def usccs(page):
    return [found[0] for found in page[0]], page[1]


def test_pages_are_read_across_the_parts_of_the_file(folder, monkeypatch):
    monkeypatch.setattr(kept, "GROUP_LINES", 4)
    lines = [line(n, "new" if n % 3 else "changed") for n in range(20)]
    made = kept.keep(folder, key(), iter([chunk(*lines[:13]), chunk(*lines[13:])]), {"a": 1})

    assert made.document == {"a": 1}
    assert usccs(made.page({}, 3, 3)) == (["U00003", "U00004", "U00005"], 20)
    assert usccs(made.page({}, 19, 50)) == (["U00019"], 20)
    assert usccs(made.page({"what": "changed"}, 2, 3)) == (["U00006", "U00009", "U00012"], 7)
    assert usccs(made.page({"sought": "u00011"}, 0, 5)) == (["U00011"], 1)
    assert usccs(made.page({"what": "gone"}, 0, 5)) == ([], 0)
    assert made.page({}, 0, 1)[0] == [lines[0]]


def test_nothing_to_say_is_a_comparison_too(folder):
    made = kept.keep(folder, key(), iter([]), {})
    assert made.page({}, 0, 5) == made.page({"what": "new"}, 0, 5) == ([], 0)


def test_a_page_reads_what_it_shows(folder, monkeypatch):
    """Of a large comparison the rows of one part, and of the others the columns of the filter."""
    monkeypatch.setattr(kept, "GROUP_LINES", 10)
    name = key()
    kept.keep(folder, name, iter([chunk(*(line(n) for n in range(100)))]), {})
    found = kept.find(folder, name)
    read = []

    class Counting:
        def __getattr__(self, member):
            return getattr(found.lines, member)

        def read_row_group(self, group, columns):
            read.append((group, len(columns)))
            return found.lines.read_row_group(group, columns=columns)

    counted = kept.Kept(Counting(), {})
    counted.page({}, 50, 5)
    assert read == [(5, COLUMNS)]
    read.clear()
    counted.page({"what": "changed"}, 50, 5)
    assert [each for each in read if each[1] == COLUMNS] == [(5, COLUMNS)]
    assert {width for _group, width in read} == {1, COLUMNS}


def test_two_at_once_keep_one_comparison(folder):
    lines, faults = [chunk(*(line(n) for n in range(20_000)))] * 3, []

    def make(name, gate):
        gate.wait()
        try:
            made = kept.keep(folder, name, iter(lines), {})
            assert made.page({}, 0, 10)[1] == kept.find(folder, name).page({}, 0, 10)[1] == 60_000
        except BaseException as fault:
            faults.append(repr(fault))

    for name in (key() for _ in range(5)):
        gate = threading.Barrier(2)
        both = [threading.Thread(target=make, args=(name, gate)) for _ in range(2)]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
    assert faults == []


def test_each_reader_has_its_own_and_reads_it_to_the_end(folder):
    mine, theirs = key(), key("b" * 32)
    kept.keep(folder, mine, iter([chunk(line(1))]), {})
    kept.keep(folder, theirs, iter([chunk(line(2))]), {})
    reading = kept.find(folder, mine)
    kept.keep(folder, key(), iter([chunk(line(3))]), {})

    assert usccs(reading.page({}, 0, 10)) == (["U00001"], 1)
    assert kept.find(folder, mine) is None, "stale, and made anew by whoever asks"
    assert usccs(kept.find(folder, theirs).page({}, 0, 10)) == (["U00002"], 1)


def test_what_breaks_off_leaves_nothing_behind(folder):
    def breaks():
        yield chunk(line(1))
        raise ZeroDivisionError

    name = key()
    with pytest.raises(ZeroDivisionError):
        kept.keep(folder, name, breaks(), {})
    assert kept.find(folder, name) is None
    assert list(kept._file(folder, name).parent.iterdir()) == []
