"""Why a file cannot be read at all: seven reasons, each with a sentence that says what to do."""

from collections.abc import Mapping

MAXIMUM_BYTES = 200 * 1024 * 1024
MAXIMUM_ROWS = 1_048_576
MAXIMUM_UNPACKED_BYTES = 4 * 1024**3
MAXIMUM_UNPACKED_TIMES = 100
MAXIMUM_CELLS = 64_000_000
"""Calamine keeps a sheet as a full rectangle: one stray cell far out must not fill the memory."""
MAXIMUM_COLUMNS = 16_384
"""No sheet of any program is wider."""

HEADER_ROWS_SEARCHED = 20

REASONS: Mapping[str, tuple[str, str]] = {
    "file_empty": (
        "文件中没有内容。请确认已保存名单，表头之下至少有一行，再重新上传。",
        "The file holds no rows. Save the list with at least one row below the header and "
        "send it again.",
    ),
    "file_type": (
        "不支持这种文件。请另存为 .xlsx、.xls、.et、.ods、.csv 或 .txt 后重新上传。",
        "Files of this kind are not read. Save it as .xlsx, .xls, .et, .ods, .csv or .txt and "
        "send it again.",
    ),
    "file_encrypted": (
        "文件设有打开密码。请取消密码后另存，再重新上传。",
        "The file is protected by a password. Remove the password, save it and send it again.",
    ),
    "file_damaged": (
        "文件已损坏或内容与扩展名不符。请用表格软件打开、另存为新文件后重新上传。",
        "The file is damaged, or is not what its name says. Open it in a spreadsheet program, "
        "save it as a new file and send it again.",
    ),
    "file_too_large": (
        "文件过大（上限200 MB，解压后4 GB），或有单元格远在名单之外。请删除名单右侧和下方的行列，"
        "或按地区拆分成几个文件后分别上传。",
        "The file is too large (at most 200 MB, or 4 GB unpacked), or a cell stands far away from "
        "the list. Delete the rows and columns below and beside the list, or split it, by region "
        "for instance, and send the parts.",
    ),
    "file_too_many_rows": (
        "行数超过1,048,576行。请拆分成几个文件后分别上传。",
        "The file has more than 1,048,576 rows. Split it and send the parts.",
    ),
    "header_not_found": (
        "前20行中没有找到表头。表头应有“统一社会信用代码”及至少一个其他已知列；请对照模板修改后重新上传。",
        "No header was found in the first 20 rows. It names the credit code and at least one "
        "more known column; compare the file with the template and send it again.",
    ),
}
"""Code to its sentence in Chinese and in English."""


class UnreadableFile(Exception):
    """A file is refused whole: an outcome for whoever sent it, with a code and a sentence."""

    def __init__(self, code: str) -> None:
        super().__init__(REASONS[code][1])
        self.code = code

    def message(self, language: str) -> str:
        """Return what to do about it, in the reader's language."""
        return REASONS[self.code][1 if language.startswith("en") else 0]


def check_extent(*, columns: int, rows: int) -> None:
    """
    Look at the size of a sheet before anything is read into memory.

    :raises UnreadableFile: `file_damaged` if no sheet is that wide, `file_too_large`.
    """
    if columns > MAXIMUM_COLUMNS:
        raise UnreadableFile("file_damaged")
    if columns * rows > MAXIMUM_CELLS:
        raise UnreadableFile("file_too_large")
