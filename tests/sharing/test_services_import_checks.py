"""What a second look beside the stored values leaves of the first."""

import json
from types import SimpleNamespace

import pandas as pd

from sharing.services import import_checks


def accepted(**by_code):
    return pd.DataFrame(
        {"uscc": list(by_code), "QM-04": pd.Series(list(by_code.values()), dtype="object")}
    )


def test_consents_are_counted_without_the_rows_that_the_second_look_keeps_out():
    item = SimpleNamespace(code="QM-04", name_zh="质量负责人")
    around = SimpleNamespace(
        catalogue=SimpleNamespace(items={"QM-04": item}), consents={"QM-04": {"D"}}
    )

    def findings(count):
        params = json.dumps({"count": count, "item_zh": "质量负责人"})
        codes = ["doubtful", "consent_missing"]
        return pd.DataFrame({"code": codes, "value": ["x", str(count)], "params": ["", params]})

    first = accepted(A="甲", B="乙", C=None, D="丁")
    again = [accepted(A="甲"), accepted(C=None, D="丁")]
    left = import_checks._consents_again(findings(5), first, again, around)
    assert left["value"].tolist() == ["x", "4"]
    assert json.loads(left["params"][1])["count"] == 4
    left = import_checks._consents_again(findings(2), first, [accepted(C=None)], around)
    assert left["code"].tolist() == ["doubtful"]
