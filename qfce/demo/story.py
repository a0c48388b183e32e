"""
The demo's path, told through the real upload, worker and API: one firm, eleven steps.

People sign in by password and press what they would press in the browser, programs call with
their token. Every figure that must come out is asserted; the table tells what happened.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

from qfce.demo import setting
from qfce.demo.caller import Caller, Refused, person, program, wait_for
from qfce.demo.summary import Stage

HERO = "91330113ALN0KXMQ6E"
FILE = Path(__file__).parent / "data" / "hangzhou-2026-batch-1.xlsx"
SHANGHAI = ZoneInfo("Asia/Shanghai")
# Counts by grade depend on the day; these hold on the day of the story.
STORY_DAY = date(2026, 11, 23)
GRADES = {"A": 0, "B": 18, "C": 80, "D": 98, "E": 75}
SUPPLIERS = (
    {"name": "杭州锻铸一厂有限公司", "account": "3301000000000000001"},
    {"name": "湖州精铸材料有限公司", "account": "3305000000000000002"},
)


class Unexpected(AssertionError):
    """A figure that should have come out did not."""


@dataclass(slots=True)
class Story:
    """What the steps hand on to one another."""

    url: str
    people: dict[str, Any]
    today: date
    at: dict[str, Any] = field(default_factory=dict)
    callers: dict[str, Caller] = field(default_factory=dict)

    def who(self, name: str) -> Caller:
        """Return a person or program of the cast, signed in once."""
        if name not in self.callers:
            if name in self.people["users"]:
                user = self.people["users"][name]
                self.callers[name] = person(self.url, user["username"], user["password"])
            else:
                client = self.people["clients"][name]
                self.callers[name] = program(self.url, client["client_id"], client["client_secret"])
        return self.callers[name]


def run(url: str, data_dir: Path, people: dict[str, Any]) -> Iterator[Stage]:
    """Yield one stage after the other; a stage that fails ends the run."""
    story = Story(url, people, datetime.now(SHANGHAI).date())
    for name, tell in STAGES.items():
        begun = monotonic()
        try:
            detail = tell(story)
        except (AssertionError, Refused, TimeoutError, KeyError) as fault:
            yield Stage(name, ok=False, seconds=monotonic() - begun, detail=f"{fault!r}")
            return
        yield Stage(name, ok=True, seconds=monotonic() - begun, detail=detail)


def same(what: str, found: Any, expected: Any) -> None:
    if found != expected:
        raise Unexpected(f"{what}: {found!r}, expected {expected!r}")


def factor_list(story: Story) -> str:
    base = f"/api/v1/factor-lists/{setting.LIST}/versions/1/"
    version = story.who("zhou").get(base)
    signatures = story.who("zhou").get(f"{base}signatures/")
    signed = signatures["results"] if isinstance(signatures, dict) else signatures
    same("items", len(version["items"]), 90)
    same("signatures", len(signed), len(setting.SIGNERS))
    return f"90 items in five categories, {len(signed)} signatures, {version['digest'][:12]}…"


def import_file(story: Story) -> str:
    shen = story.who("shen")
    begun = shen.upload("/api/v1/imports/", FILE, factor_list=setting.LIST, mode="delta")
    path = f"/api/v1/imports/{begun['id']}/"
    done = _until(shen, path, {"ready", "needs_attention", "failed"})
    same("status", done["status"], "ready")
    rows = done["rows"]
    same("rows", (rows["total"], rows["valid"], rows["invalid"]), (300, 300, 0))
    findings = shen.get(f"{path}errors/")["results"]
    found = sorted((f["code"], f["row"], f["severity"]) for f in findings)
    same("findings", [(code, level) for code, _, level in found],
         [("consent_missing", "warning"), ("ignored_row", "warning")])  # fmt: skip
    same("the note's row", found[1][1], 305)
    story.at["import"] = path
    return "300 rows, 300 valid, 0 errors; 2 warnings: row 305 is a note; QI-11 needs consent"


def publication(story: Story) -> str:
    path = story.at["import"]
    try:
        story.who("shen").post(f"{path}publish/")
    except Refused as refusal:
        same("whoever uploaded", refusal.status, 403)
    else:
        raise Unexpected("whoever uploaded could release it too")
    zheng = story.who("zheng")
    zheng.post(f"{path}publish/")
    done = _until(zheng, path, {"published", "failed", "needs_attention"})
    same("status", done["status"], "published")
    same("new", done["rows"]["new"], 300)
    receipt = done.get("publication") or {}
    return f"300 new; publication {receipt.get('number')}, {str(receipt.get('digest'))[:12]}…"


def delivery(story: Story) -> str:
    seen = {}
    for bank in ("bank_a", "bank_b"):
        items = _walk_feed(story.who(bank))
        held = {item["uscc"]: item["cursor"] for item in items if item["uscc"]}
        same(f"{bank} holds", len(held), 300)
        answer = story.who(bank).post("/api/v1/changes/reconcile/", {"held": held})
        same(f"{bank} lacks nothing", (answer["complete"], answer["missing"]), (True, []))
        codes = {code[:2] for item in items for code in item["changes"] if code[2:3] == "-"}
        seen[bank] = sorted(codes)
    same("bank_a's categories", seen["bank_a"], ["QB", "QC", "QF", "QI", "QM"])
    same("bank_b's categories", seen["bank_b"], ["QC", "QF"])
    zhou = story.who("zhou")
    members = sorted(held)
    kept = zhou.post("/api/v1/enterprise-lists/", {"name": "杭州 2026 第一批", "uscc": members})
    for bank in ("bank_a", "bank_b"):
        zhou.open(
            "POST",
            f"/api/v1/enterprise-lists/{kept['id']}/share/",
            f'{{"recipient": "{bank}"}}'.encode(),
            "application/json",
        ).close()
    story.at["list"] = kept["id"]
    return "bank_a 300 of 300 in five categories; bank_b 300 of 300, quality credit and foundation"


def evaluation(story: Story) -> str:
    lin = story.who("lin")
    counted = _score_whole_list(story)
    before = _evaluate(lin)
    same("before consent", (before["score"], before["grade"]), (66, "B"))
    firm = lin.get(f"/api/v1/enterprises/{HERO}/", purpose="pre_loan")
    answer = {item["code"]: item["answer"] for item in _items(firm)}["QI-11"]
    same("QI-11 before consent", answer, "not_authorised")
    _consent(story)
    after = _evaluate(lin)
    same("after consent", (after["score"], after["grade"], after["cap"]), (68, "B", "6000000.00"))
    explained = lin.get(f"/api/v1/evaluations/{after['id']}/explanation/")
    gains = {step["characteristic"]: step["gain"] for step in explained["path"]["steps"]}
    short = {step["characteristic"]: step["gain"] for step in explained["path"]["short"]}
    same("path to A", (gains.get("C02"), gains.get("C06"), short.get("C10")), (3, 2, 1))
    story.at["evaluation"] = after["id"]
    return f"{counted}; the firm 66 B, with consent 68 B, cap 6,000,000"


def application(story: Story) -> str:
    chen = story.who("chen_min")
    product = next(
        p for p in chen.get("/api/v1/loan-products/")["results"] if p["code"] == setting.PRODUCT
    )
    drafted = chen.post(
        "/api/v1/loan-applications/",
        {
            "uscc": HERO,
            "product": product["id"],
            "requested_principal": "5000000.00",
            "requested_months": 12,
            "purpose": "采购铸件",
            "payees": list(SUPPLIERS),
            "documents": ["营业执照", "购销合同"],
        },
    )
    path = f"/api/v1/loan-applications/{drafted['id']}/"
    submitted = chen.post(f"{path}submit/", {"evaluation": story.at["evaluation"]})
    same("the frozen score", submitted["snapshot"]["score"], 68)
    story.at["application"] = path
    return "5,000,000 over 12 months for castings from two named suppliers; 68 B frozen"


def approval(story: Story) -> str:
    path = story.at["application"]
    lin, gao = story.who("lin"), story.who("gao")
    lin.post(f"{path}start-review/")
    rights = lin.get(f"{path}authority/", amount="5000000.00")
    same("林涛 may approve", rights["may"], False)
    offer = {
        "principal": "5000000.00",
        "months": 12,
        "base_rate": "0.0300",
        "drawdowns": 2,
        "reason": "订单充足，质量体系健全。",
    }
    try:
        lin.post(f"{path}approve/", offer)
    except Refused as refusal:
        same("林涛 is refused", refusal.status, 403)
    else:
        raise Unexpected("a credit officer approved five million")
    approved = gao.post(f"{path}approve/", offer)
    same(
        "the offer", (approved["status"], approved["offered_annual_rate"]), ("approved", "0.031000")
    )
    return "5,000,000 at 3.10 % in two drawdowns; 高远 within 6,000,000 for grade B, 林涛 refused"


def disbursement(story: Story) -> str:
    chen = story.who("chen_min")
    contract = chen.post(
        f"{story.at['application']}contract/",
        {
            "number": "HF-2026-0001",
            "base_rate": "0.0300",
            "base_rate_on": story.today.isoformat(),
            "signed_for_enterprise_by": "安工",
        },
    )
    loan = f"/api/v1/loans/{contract['loan']}/"
    payment = {
        "amount": "3000000.00",
        "paid_on": story.today.isoformat(),
        "payee_name": "某房地产开发有限公司",
        "payee_account": "1",
    }
    try:
        chen.post(f"{loan}disburse/", payment)
    except Refused as refusal:
        same("a payee nobody named", refusal.status in {400, 409}, True)
    else:
        raise Unexpected("money went to a payee whom the application does not name")
    named = {"payee_name": SUPPLIERS[0]["name"], "payee_account": SUPPLIERS[0]["account"]}
    chen.post(f"{loan}disburse/", {**payment, **named})
    same("undrawn", chen.get(loan)["undrawn"], "2000000.00")
    story.at |= {"loan": loan, "loan_id": contract["loan"]}
    return f"contract {contract['digest'][:12]}…; 3,000,000 to the supplier named, 2,000,000 left"


def schedule(story: Story) -> str:
    drawn = story.who("chen_min").get(f"{story.at['loan']}schedule/")
    totals = [Decimal(row["total"]) for row in drawn["rows"]]
    expected = [Decimal("254217.77")] * 11 + [Decimal("254217.81")]
    same("instalments", totals, expected)
    same("in all", sum(totals), Decimal("3050613.28"))
    same("first interest", drawn["rows"][0]["interest"], "7750.00")
    same("interest", drawn["total_interest"], "50613.28")
    return (
        "254,217.77 × 11 + 254,217.81; interest 50,613.28; effective"
        f" {Decimal(drawn['effective_annual_rate']) * 100:.2f} %; {drawn['convention'][:60]}"
    )


def withdrawal(story: Story) -> str:
    shen, zheng, bank = story.who("shen"), story.who("zheng"), story.who("bank_a")
    story.at["before"] = _last_cursor(bank)
    prepared = shen.post(
        "/api/v1/record-changes/",
        {
            "uscc": HERO,
            "factor_list": setting.LIST,
            "changes": {"QF-17": "REVOKED"},
            "details": {"QF-17": {"valid_from": story.today.isoformat()}},
            "cause": "reverification",
            "reason": "认证机构已撤销证书",
        },
    )
    zheng.post(f"/api/v1/record-changes/{prepared['id']}/release/")
    arrived = bank.get("/api/v1/changes/", after=story.at["before"], wait="10")["items"]
    events = [item for item in arrived if item["changes"].get("QF-17") == "REVOKED"]
    same("events in the feed", len(events), 1)
    return f"证书被撤销: QF-17 VALID → REVOKED, one event at {events[0]['cursor']}"


def reevaluation(story: Story) -> str:
    lin = story.who("lin")

    def renewed() -> Any:
        found = lin.get("/api/v1/evaluations/", uscc=HERO, live="true")["results"]
        return [entry for entry in found if entry["cause"] == "feed" and entry["score"] == 59]

    entry = wait_for(renewed)[0]
    same("renewed", (entry["score"], entry["grade"], entry["cap"]), (59, "C", "3000000.00"))
    explained = lin.get(f"/api/v1/evaluations/{entry['id']}/explanation/")
    foundation = {line["code"]: line["points"] for line in explained["categories"]}
    same("foundation", foundation["quality_foundation"], 18)
    return "68 → 59, B → C, cap 3,000,000; foundation 27 → 18"


def signal(story: Story) -> str:
    he = story.who("he")

    def raised() -> Any:
        return he.get("/api/v1/signals/", uscc=HERO, rule="W14")["results"]

    signals = wait_for(raised)
    _deliver_again(story)
    signals = raised()
    same("W14 after a second delivery", len(signals), 1)
    found = signals[0]
    same("level", found["level"], "orange")
    claimed = he.post(f"/api/v1/signals/{found['id']}/claim/")
    story.at["signal"] = found["id"]
    return (
        f"W14 orange, once; claim by {claimed['claim_due_on']},"
        f" answer by {claimed['answer_due_on']}; claimed by 何静"
    )


def case(story: Story) -> str:
    he = story.who("he")
    opened = he.post(
        "/api/v1/cases/",
        {
            "signal": story.at["signal"],
            "reason": "核实撤销原因，暂停未用额度",
            "loan_id": story.at["loan_id"],
        },
    )
    he.post(
        f"/api/v1/cases/{opened['id']}/actions/",
        {"kind": "freeze_undrawn", "text": "证书已撤销，冻结未提款额度"},
    )
    loan = story.who("chen_min").get(story.at["loan"])
    same("frozen", (loan["undrawn"], bool(loan["frozen_at"])), ("2000000.00", True))
    payment = {
        "amount": "2000000.00",
        "paid_on": story.today.isoformat(),
        "payee_name": SUPPLIERS[1]["name"],
        "payee_account": SUPPLIERS[1]["account"],
    }
    try:
        story.who("chen_min").post(f"{story.at['loan']}disburse/", payment)
    except Refused as refusal:
        same("a frozen drawdown", refusal.status, 409)
    else:
        raise Unexpected("money was paid out of a frozen limit")
    return "2,000,000 not lent on a certificate that no longer exists"


STAGES: dict[str, Callable[[Story], str]] = {
    "factor_list": factor_list,
    "import": import_file,
    "publication": publication,
    "delivery": delivery,
    "evaluation": evaluation,
    "application": application,
    "approval": approval,
    "disbursement": disbursement,
    "schedule": schedule,
    "withdrawal": withdrawal,
    "reevaluation": reevaluation,
    "signal": signal,
    "case": case,
}


def _until(caller: Caller, path: str, states: set[str]) -> Any:
    def ask() -> Any:
        found = caller.get(path)
        return found if found["status"] in states else None

    return wait_for(ask)


def _walk_feed(caller: Caller) -> list[dict[str, Any]]:
    """Read the feed from its beginning, until a page moves no further."""
    items: list[dict[str, Any]] = []
    after = ""
    while True:
        page = caller.get("/api/v1/changes/", after=after)
        items += page["items"]
        if page["next"] == after:
            return items
        after = page["next"]


def _last_cursor(caller: Caller) -> str:
    after = ""
    while (following := caller.get("/api/v1/changes/", after=after)["next"]) != after:
        after = following
    return after


def _score_whole_list(story: Story) -> str:
    lin = story.who("lin")
    job = lin.post(
        "/api/v1/evaluations/batch/",
        {
            "scorecard": setting.SCORECARD,
            "purpose": "pre_loan",
            "enterprise_list": story.at["list"],
        },
    )
    _until(lin, f"/api/v1/jobs/{job['id']}/", {"succeeded", "failed"})
    counts = lin.get("/api/v1/evaluations/portfolio/", scorecard=setting.SCORECARD)["counts"]
    same("scored", sum(entry["enterprises"] for entry in counts), 300)
    declined = sum(e["enterprises"] for e in counts if e["outcome"] == "declined")
    referred = sum(e["enterprises"] for e in counts if e["outcome"] == "referred")
    graded = {
        grade: sum(e["enterprises"] for e in counts if e["grade"] == grade) for grade in GRADES
    }
    if story.today == STORY_DAY:
        same("by grade", (graded, declined, referred), (GRADES, 29, 116))
    grades = ", ".join(f"{grade} {count}" for grade, count in graded.items())
    return f"{grades}, declined {declined}, referred {referred}"


def _evaluate(caller: Caller) -> Any:
    return caller.post(
        "/api/v1/evaluations/",
        {"uscc": HERO, "scorecard": setting.SCORECARD, "purpose": "pre_loan"},
    )


def _items(firm: dict[str, Any]) -> list[dict[str, Any]]:
    """Return an enterprise's items as a list, each with its code."""
    items = firm["items"]
    if isinstance(items, dict):
        return [{"code": code, **item} for code, item in items.items()]
    return list(items)


def _consent(story: Story) -> None:
    asked = story.who("lin").post(
        "/api/v1/consents/",
        {
            "uscc": HERO,
            "items": ["QI-11"],
            "purposes": ["pre_loan", "post_loan"],
            "ends_on": (story.today + timedelta(days=365)).isoformat(),
        },
    )
    granted = story.who("an").post(f"/api/v1/consents/{asked['id']}/grant/")
    same("the consent", granted["status"], "active")


def _deliver_again(story: Story) -> None:
    """Queue the bank's follower once more, as a broker that delivers twice would."""
    from qfce.kernel.jobs import outbox
    from qfce.kernel.tenancy.models import Organization

    bank = Organization.objects.get(short_name="bank_a")
    for _ in range(2):
        outbox.send("risk.follow_feed", {"organization_id": str(bank.pk)})
    wait_for(lambda: _feed_queue_is_empty(), seconds=20)


def _feed_queue_is_empty() -> bool:
    from qfce.kernel.jobs.progress import client

    return client().llen("feed") == 0
