"""The sheet of allowed values that comes with a workbook is no data; its like is."""

import pytest

from factors.domain import allowed_values_sheet as ours
from tests.sharing import faulty


def checked(format_, name, lines):
    """A list of one enterprise, and behind it another sheet."""
    file = faulty.ListFile(
        ["统一社会信用代码", "企业名称", "行政区划代码"],
        [[faulty.code(1), "杭州第一公司", "330113"]],
        other_sheets={name: [list(line) for line in lines]},
    )
    return faulty.check(*file.write(format_))


@pytest.mark.parametrize("format_", ["xlsx", "xls", "ods"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_is_left_alone_in_every_format(format_, language):
    lines = [ours.HEADERS[language], *ours.rows(faulty.catalogue(), language)]
    found = checked(format_, ours.NAMES[language], lines)

    assert found.findings.empty, found.findings


@pytest.mark.parametrize(
    ("name", "header"),
    [("Sheet2", ours.HEADERS["zh"]), ("允许值", ("备注", *ours.HEADERS["zh"][1:]))],
)
def test_a_sheet_of_another_name_or_header_is_data(name, header):
    found = checked("xlsx", name, [header, ["QF-17", "x", "VALID", "有效", "Valid", ""]])

    assert list(found.findings["code"]) == ["other_sheet"]
