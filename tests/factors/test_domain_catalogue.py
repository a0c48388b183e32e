"""A list survives being written down and read back, to the byte."""

import pickle
from dataclasses import FrozenInstanceError, replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factors.domain.catalogue import Catalogue
from qfce.kernel.canonical import canonical, digest
from tests.factors import lists

ZJ = lists.catalogue()


def test_a_document_comes_back_to_the_byte():
    document = lists.document()

    assert canonical(Catalogue.from_document(document).to_document()) == canonical(document)


def test_a_catalogue_comes_back_equal():
    assert Catalogue.from_document(ZJ.to_document()) == ZJ


def test_a_catalogue_can_be_handed_to_another_process():
    assert pickle.loads(pickle.dumps(ZJ)) == ZJ


def test_a_document_written_before_items_had_all_their_members_is_read():
    document = lists.document()
    entry = lists.item(document, "QC-08")
    for name in ("extension", "core_item", "evidences", "owners", "citations"):
        del entry[name]
    for name in ("publication_zh", "publication_en", "repair_zh", "repair_en"):
        del entry[name]
    entry |= {"evidence_zh": "检验报告", "evidence_en": "Report", "basis": "One law; another law"}

    item = Catalogue.from_document(document).items["QC-08"]

    assert (item.extension, item.core_item) == ("core", "QC-08")
    assert (item.evidence_zh, item.evidence_en) == ("检验报告", "Report")
    assert [(each.source_en, each.confidence) for each in item.citations] == [
        ("One law", "general"),
        ("another law", "general"),
    ]
    assert set(item.__dataclass_fields__) == set(
        next(each for each in lists.document()["items"] if each["code"] == "QC-08")
    )


@settings(max_examples=25, deadline=None)
@given(
    number=st.integers(1, 10_000),
    day=st.dates(),
    factor=st.decimals("0.0001", "1000000", places=4),
    code=st.sampled_from(sorted(ZJ.items)),
)
def test_any_change_is_kept_and_changes_the_digest(number, day, factor, code):
    items = {**ZJ.items, code: replace(ZJ.items[code], unit_factor=factor)}
    changed = replace(ZJ, items=items).numbered(number, effective_from=day)
    back = Catalogue.from_document(changed.to_document())

    assert back == changed
    assert (back.version, back.effective_from) == (number, day)
    assert digest(changed.to_document()) != digest(ZJ.to_document())


def test_documents_hold_no_number_that_json_would_bend():
    def numbers(part):
        if isinstance(part, dict):
            for name, member in part.items():
                if name not in {"when"}:
                    yield from numbers(member)
        elif isinstance(part, list):
            for member in part:
                yield from numbers(member)
        elif isinstance(part, float):
            yield part

    assert list(numbers(lists.document())) == []


def test_items_keep_the_order_of_the_list():
    assert list(ZJ.items)[:3] == ["QC-01", "QC-02", "QC-03"]
    assert list(ZJ.items)[-1] == "QI-18"


def test_bounds_are_what_their_type_says():
    assert ZJ.items["QM-02"].minimum == date(1990, 1, 1)
    assert ZJ.items["QM-02"].no_future
    assert ZJ.items["QI-11"].maximum == Decimal(100)
    assert ZJ.items["QC-01"].minimum is None


def test_nothing_in_a_catalogue_can_be_changed():
    with pytest.raises(FrozenInstanceError):
        ZJ.items["QC-01"].name_zh = "另一个名称"
