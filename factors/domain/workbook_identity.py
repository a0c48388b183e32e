"""The columns of the workbook that say which enterprise a row is about."""

SAMPLES = {
    "uscc": ("示例 91330000MA00000000", "Sample 91330000MA00000000"),
    "name": ("某某制造有限公司", "Example Manufacturing Co., Ltd."),
    "region": ("330113", "330113"),
    "industry": ("C3670", "C3670"),
    "size": ("中型", "medium"),
    "established_on": ("2014-10-07", "2014-10-07"),
    "registered_capital": ("2000", "2000"),
}
SAMPLE_DAYS = {"valid_from": "2024-05-10", "valid_to": "2027-05-09"}
IDENTITY = (
    # field, Chinese header, English header, what to fill in (Chinese, English)
    ("uscc", "统一社会信用代码", "USCC", "18位代码，按文本填写。", "18 characters, as text."),
    ("name", "企业名称", "enterprise name", "与营业执照一致。", "As on the business licence."),
    ("region", "行政区划代码", "region", "6位代码或地区全称。", "Six digits, or the full name."),
    ("industry", "行业代码", "industry", "如C3670，可不填。", "Such as C3670; may be left empty."),
    ("size", "企业规模", "size", "大型、中型、小型或微型。", "large, medium, small or micro."),
    ("established_on", "成立日期", "established", "如2014-10-07。", "Such as 2014-10-07."),
    (
        "registered_capital",
        "注册资本(万元)",
        "registered capital (CNY 10k)",
        "以万元为单位。",
        "In units of CNY 10,000.",
    ),
)
SIZES = {"zh": ("大型", "中型", "小型", "微型"), "en": ("large", "medium", "small", "micro")}
