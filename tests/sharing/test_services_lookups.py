"""What a check fetches of the enterprises of a file: as columns, whatever is stored of whom."""

import pandas as pd
import pyarrow as pa

from sharing.services import import_lookups as lookups
from tests.sharing.shared import LIST, A, B, N, publish, row


def stored(owner, *codes):
    frame = lookups.stored_values(owner.organization_id, list(codes), LIST)
    return {} if frame is None else frame.astype(object).where(frame.notna(), None)


def test_stored_values_come_with_their_ends_and_their_senders(universe):
    publish(
        universe.zheng,
        row(
            vals={"QF-17": "VALID", "QC-05": 2, "QM-03": True, "QC-18": "19.11"},
            details={"QF-17": {"valid_to": "2029-05-01", "evidence": ["CN-1"]}},
            established_on="2014-10-07",
            registered_capital="5000000.50",
        ),
        row(B, "330110", vals={"QF-17": "NONE"}),
    )
    publish(universe.wu, row(vals={"QC-06": 0, "QB-01": 'a "b", c\\n'}))

    found = stored(universe.zheng, A, B, N)

    assert sorted(found.index) == sorted([A, B]), "N is Ningbo's, and was never sent"
    mine, other = found.loc[A], found.loc[B]
    assert (mine["QF-17"], mine["QC-05"], mine["QM-03"], mine["QC-18"]) == (
        "VALID", "2", "true", "19.11",
    )  # fmt: skip
    assert (mine["QF-17|valid_to"], other["QF-17|valid_to"]) == ("2029-05-01", None)
    assert (mine["established_on"], mine["registered_capital"]) == ("2014-10-07", "5000000.5")
    assert (mine["QC-06"], mine["QB-01"]) == ("0", 'a "b", c\\n')
    assert (mine["QC-05|source"], mine["QB-01|source"]) == ("city", "county")
    assert (other["QF-17"], other["QF-17|source"]) == ("NONE", "city")
    assert (other["industry"], other["QB-01"], other["QB-01|source"]) == (None, None, None)


def test_nothing_is_stored_of_whom_nobody_knows(universe):
    assert stored(universe.zheng, A) == {}


def test_an_enterprise_without_a_record_has_its_register_facts(universe):
    publish(universe.zheng, row(industry="C3411"))
    found = stored(universe.zheng, A)
    assert found.loc[A, "industry"] == "C3411"


def test_another_bureau_reads_none_of_it(universe):
    publish(universe.zheng, row(vals={"QF-17": "VALID"}))
    assert stored(universe.mo, A) == {}


def test_what_is_known_comes_in_the_order_of_the_file(universe, zj_list):
    publish(universe.zheng, row(B, "330110", name='甲"乙,丙\\'), row(A, vals={"QF-17": "VALID"}))
    known = lookups.known(universe.zheng.organization_id, pa.array([A, N, B]), zj_list)
    frame = known.to_pandas().set_index("uscc")
    assert set(frame.index) == {A, B}
    assert frame.loc[B, "name"] == '甲"乙,丙\\'
    assert frame.loc[A, ["is_current", "profiled"]].tolist() == ["1", "1"]
    assert not pd.isna(frame["digest"]).any(), "empty where there is none"


def test_nobody_known_is_an_empty_table(universe, zj_list):
    known = lookups.known(universe.zheng.organization_id, pa.array([A]), zj_list)
    assert (len(known), known.column_names) == (0, list(lookups.KNOWN_COLUMNS))
