"""What a finding says, in the words of its reader."""

from types import SimpleNamespace

import pytest
from django.utils.translation import override

from qfce.kernel.tenancy.models import Region
from sharing.web import import_words as words

LABEL = "330102 浙江省杭州市上城区"


@pytest.fixture
def english(db):
    with override("en"):
        yield Region.objects.get(code="330102").name_en


def test_a_region_goes_by_its_english_name_on_an_english_page(english):
    assert words.in_words(f"“{LABEL}” is stored.") == f"“330102 {english}” is stored."
    offered = words.offer(f"{LABEL}; 330105 浙江省杭州市拱墅区", None)
    assert offered.startswith(f"330102 {english}; 330105 ")


@pytest.mark.parametrize("text", ["", "999999 某地", "330102", "13301021 浙江", "QC-05 次数"])
def test_what_is_no_region_stays_as_it_is(english, text):
    assert words.in_words(text) == text


def test_a_chinese_page_says_it_in_full(db):
    with override("zh-hans"):
        assert words.in_words(LABEL) == LABEL


def test_a_code_of_an_item_is_offered_with_its_label(db):
    passed = SimpleNamespace(label_zh="合格", label_en="Passed")
    item = SimpleNamespace(by_code={"PASS": passed})
    with override("zh-hans"):
        assert words.offer("PASS", item) == "PASS（合格）"
        assert words.offer("2026-01-02", item) == "2026-01-02"
    with override("en"):
        assert words.offer("PASS", item) == "PASS (Passed)"
