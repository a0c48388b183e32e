"""The workbook that bureaus fill in, looked at from inside."""

import io
import re
import zipfile

import pytest
from python_calamine import CalamineWorkbook, SheetVisibleEnum

from factors.domain import allowed_values_sheet, workbook_template
from tests.factors import lists

ZJ = lists.catalogue()


@pytest.fixture(scope="module", params=["zh", "en"])
def language(request):
    return request.param


@pytest.fixture(scope="module")
def workbook(language):
    return workbook_template.workbook(ZJ, language)


def part(workbook, name):
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        return archive.read(name).decode("utf-8")


def test_the_same_list_gives_the_same_bytes(workbook, language):
    assert workbook_template.workbook(ZJ, language) == workbook


def seen(workbook):
    book = CalamineWorkbook.from_filelike(io.BytesIO(workbook))
    names = [
        sheet.name for sheet in book.sheets_metadata if sheet.visible == SheetVisibleEnum.Visible
    ]
    return book, names


def test_the_sheet_to_fill_in_holds_nothing_but_a_sample_and_its_header(workbook, language):
    book, visible = seen(workbook)

    assert visible[1:] == [allowed_values_sheet.NAMES[language]]
    rows = book.get_sheet_by_name(visible[0]).to_python()
    columns = workbook_template.columns_of(ZJ, language)
    assert rows == [[column.sample for column in columns], [column.header for column in columns]]
    assert all(column.sample for column in columns)


def test_allowed_values_stand_on_a_sheet_to_be_read(workbook, language):
    book, visible = seen(workbook)
    header, *rows = book.get_sheet_by_name(visible[1]).to_python()

    assert tuple(header) == allowed_values_sheet.HEADERS[language]
    assert allowed_values_sheet.is_it(visible[1], header)
    name = ZJ.items["QF-17"].name(language)
    told = [row for row in rows if row[0] == "QF-17"]
    assert told[0][:5] == ["QF-17", name, "VALID", "有效", "Valid"]
    assert [row[2] for row in told] == list(ZJ.items["QF-17"].by_code)
    assert [row[3:5] for row in rows if row[0] == "QM-03"] == [["是", "Yes"], ["否", "No"]]
    asked = {
        i.code for i in ZJ.items.values() if i.in_workbook and (i.values or i.type == "boolean")
    }
    assert asked <= {row[0] for row in rows}


def test_columns_are_identity_items_and_the_details_of_certificates(language):
    columns = workbook_template.columns_of(ZJ, language)
    asked = [item for item in ZJ.items.values() if item.in_workbook]
    terms = [item for item in asked if item.is_term]

    assert len(columns) == 7 + len(asked) + 3 * len(terms)
    assert len({column.header for column in columns}) == len(columns)
    assert not [column for column in columns if "QC-04" in column.header]
    assert all(column.comment.strip() for column in columns)


def test_money_and_ratios_name_their_unit():
    headers = {item.code: workbook_template.header_of(item) for item in ZJ.items.values()}

    assert headers["QB-02"] == "QB-02 品牌价值评价值（亿元）"
    assert headers["QI-16"] == "QI-16 技术合同认定登记成交额（万元）"
    assert headers["QI-11"] == "QI-11 研发投入强度（%）"
    assert headers["QF-17"] == "QF-17 质量管理体系认证状态"
    assert workbook_template.header_of(ZJ.items["QB-02"], "en") == (
        "QB-02 Evaluated brand value (CNY 100 million)"
    )


def test_no_english_header_or_comment_holds_chinese():
    for column in workbook_template.columns_of(ZJ, "en"):
        text = column.header + column.comment + "".join(column.choices)
        assert not re.search("[\u4e00-\u9fff]", text), column.header


def test_drop_downs_offer_the_labels():
    columns = {column.header: column for column in workbook_template.columns_of(ZJ)}

    assert columns["QF-17 质量管理体系认证状态"].choices == (
        "有效", "暂停", "撤销", "注销", "过期失效", "未获证",
    )  # fmt: skip
    assert columns["QM-03 首席质量官制度"].choices == ("是", "否")
    assert columns["企业规模"].choices == ("大型", "中型", "小型", "微型")


def test_every_column_but_free_text_is_validated(workbook, language):
    sheet = part(workbook, "xl/worksheets/sheet1.xml")
    columns = workbook_template.columns_of(ZJ, language)
    free = [column for column in columns if not column.choices and column.rule is None]
    terms = [item for item in ZJ.items.values() if item.is_term]

    assert len(free) == 3 + len(terms)  # name, region, industry, and the evidence columns
    assert sheet.count("<dataValidation ") == len(columns) - len(free)


def test_numbers_have_the_bounds_of_the_item(workbook, language):
    sheet = part(workbook, "xl/worksheets/sheet1.xml")
    columns = [column.header for column in workbook_template.columns_of(ZJ, language)]
    place = columns.index(workbook_template.header_of(ZJ.items["QC-05"], language))
    name = workbook_template.xl_col_to_name(place)
    found = re.search(rf'<dataValidation ([^>]*)sqref="{name}3:{name}1048576">(.*?)</data', sheet)

    assert found
    assert 'type="whole"' in found[1]
    assert 'errorStyle="warning"' in found[1]
    assert "<formula1>0</formula1><formula2>999</formula2>" in found[2]


def test_ratios_that_may_not_apply_accept_the_word(workbook, language):
    sheet = part(workbook, "xl/worksheets/sheet1.xml")
    word = workbook_template.WORDS[language]["not_applicable"]

    assert sheet.count(f'="{word}"') + sheet.count(f"=&quot;{word}&quot;") == 5


def test_the_header_stays_in_sight(workbook):
    assert 'topLeftCell="C3"' in part(workbook, "xl/worksheets/sheet1.xml")


def test_a_figure_finer_than_its_decimals_is_warned_of_where_it_is_typed(workbook, language):
    sheet = part(workbook, "xl/worksheets/sheet1.xml")
    columns = [column.header for column in workbook_template.columns_of(ZJ, language)]
    place = columns.index(workbook_template.header_of(ZJ.items["QI-11"], language))
    cell = workbook_template.xl_col_to_name(place) + "3"

    assert f"{cell}=ROUND({cell},2)" in sheet
    comment = workbook_template.columns_of(ZJ, language)[place].comment
    assert comment.splitlines()[-1].endswith(": 2")
