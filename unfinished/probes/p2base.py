import pytest
from compliance.models import *
from compliance.models import Listing, Footnote, Section, Decision
from compliance.models.changesets import changeset
from compliance.publishing import *
from compliance.workingcopy.restore import *
from compliance.page.diff import compare, apply_grades
from tests.factories import *
from tests.publications import *
pytestmark = pytest.mark.django_db
def at(h): return NOON + h*HOUR
def ed(u): return changeset(by=u, reason="An edit")
@pytest.fixture
def both(approver):
    b = make_user("both", role="editor"); b.groups.add(*approver.groups.all()); return b
def ok(f):
    try: return f()
    except Exception as e: print("REFUSED", type(e).__name__, e)

def test_a_same_correction_now(editor, approver, both):
    reg = make_register()
    r1 = make_listing(reg, models=["One"], training="never"); r2 = make_listing(reg, models=["Two"])
    published(reg, editor, approver)
    with ed(editor): state(r1, training="by_default")
    s = published(reg, editor, approver, at=at(1), effective_from=at(48), announce=True)
    u = submitted(reg, editor, at=at(2))
    o = outlook(u, by=approver, at=at(2)); print("A", repr(o.obstacle), [(x.scheduled.number, x.conflicts, x.page is not None) for x in o.carried])
    approve(u, by=approver, at=at(2), approval_sha256=o.approval_sha256)
    for p in reg.publications.order_by("pk"):
        print("A", p.pk, p.number, p.state, p.effective_from, p.announce, p.renews_id, [str(c.sentence) for c in compare(p.base.snapshot() if p.base else None, p.snapshot())][:2])

def test_b_carry_makes_warning(editor, approver, both):
    reg = make_register()
    r1 = make_listing(reg, models=["One"]); r2 = make_listing(reg, models=["Two"])
    published(reg, editor, approver)
    with ed(editor): r3 = make_listing(reg, models=["Three"])
    s = published(reg, editor, approver, at=at(1), effective_from=at(48), announce=True, listings=[r3])
    with ed(editor): r4 = make_listing(reg, models=["Three"], training="by_default")
    c = candidate(reg, at=at(2)); 
    u = submitted(reg, editor, at=at(2), listings=[r4])
    print("B u findings", [(f["rule"] if "rule" in f else f, f["severity"]) for f in u.findings])
    o = outlook(u, by=approver, at=at(2)); print("B", repr(o.obstacle), [(x.scheduled.number, x.conflicts, x.page is not None) for x in o.carried])
    ok(lambda: approve(u, by=approver, at=at(2), approval_sha256=o.approval_sha256))
    r = reg.publications.filter(renews=s).first()
    if r: print("B R", r.number, r.state, [(f["key"], f["severity"], f["key"] in r.answers) for f in r.findings if f["severity"]!="note"])

def test_c_rebase_empty(editor, approver, both):
    reg = make_register()
    r1 = make_listing(reg, models=["One"], training="never"); r2 = make_listing(reg, models=["Two"])
    published(reg, editor, approver)
    with ed(editor): state(r1, training="by_default")
    x = submitted(reg, editor, at=at(1)); y = submitted(reg, editor, at=at(1))
    approve(x, by=approver, at=at(2), approval_sha256=x.approval_sha256)
    o = rebase_outlook(y, at=at(3)); print("C", repr(o.obstacle), o.carried.held_back[:3])
    r = ok(lambda: rebase(y, by=editor, at=at(3)))
    if r:
        print("C", r.state, compare(r.base.snapshot(), r.snapshot()))
        ok(lambda: approve(r, by=approver, at=at(4), approval_sha256=r.approval_sha256)); r.refresh_from_db(); print("C", r.number, r.state)

def test_d_revert_of_carried(editor, approver, both):
    reg = make_register()
    r1 = make_listing(reg, models=["One"], training="never"); r2 = make_listing(reg, models=["Two"], training="never")
    published(reg, editor, approver)
    with ed(editor): state(r1, training="by_default")
    s = published(reg, editor, approver, at=at(1), effective_from=at(48), announce=True)
    with ed(editor): state(r2, training="opt_out")
    u = submitted(reg, editor, at=at(2), listings=[r2])
    o = outlook(u, by=approver, at=at(2)); approve(u, by=approver, at=at(2), approval_sha256=o.approval_sha256)
    v = ok(lambda: reverted(reg, editor, to=s.number, at=at(3)))
    if v: print("D", v.requested_effective_from, v.announce, v.base, [c.sentence for c in compare(v.base.snapshot(), v.snapshot())])
    # revert to 1 urgent, with schedule behind
    w = ok(lambda: reverted(reg, editor, to=1, at=at(3)))
    o = outlook(w, by=approver, at=at(3)); print("D2", repr(o.obstacle), [(x.scheduled.number, x.conflicts, x.page is not None) for x in o.carried])

def test_e_calling_off_then_revert_by_own(editor, approver, both):
    "both's text T1 in force, S changes it; both calls off via choose"
    reg = make_register()
    r1 = make_listing(reg, models=["One"], training="never"); r2 = make_listing(reg, models=["Two"], training="never")
    published(reg, editor, approver)
    with ed(both): state(r1, training="by_default")
    published(reg, editor, approver, at=at(1))
    with ed(editor): state(r1, training="never")
    s = published(reg, editor, approver, at=at(2), effective_from=at(48), announce=True)
    with ed(editor): state(r2, training="opt_out")
    u = submitted(reg, editor, at=at(3), listings=[r2])
    o = outlook(u, by=both, at=at(3), calling_off=[s.number]); print("E calling off", repr(o.obstacle))
    o = outlook(u, by=both, at=at(3)); print("E carry", repr(o.obstacle))
    print("E withdraw S", repr(withdrawal_outlook(s, by=both, at=at(3)).obstacle))
    # both submits for later, on top of S, held back: r1 typed by editor
    # move S later by another: editor submits N at 24h touching r1 back
def test_f_withdraw_behind(editor, approver, both):
    "withdraw U with S behind that touches the same row as U (S stands on U)"
    reg = make_register()
    r1 = make_listing(reg, models=["One"], training="never"); r2 = make_listing(reg, models=["Two"], training="never")
    published(reg, editor, approver)
    with ed(editor): state(r1, training="by_default")
    u = published(reg, editor, approver, at=at(1))
    with ed(editor): state(r1, training="opt_out"); state(r2, training="opt_out")
    s = published(reg, editor, approver, at=at(2), effective_from=at(48), announce=True)
    w = withdrawal_outlook(u, by=approver, at=at(3)); print("F", repr(w.obstacle), [(x.scheduled.number, x.conflicts, x.page is not None) for x in w.carried])
    ok(lambda: withdraw(u, by=approver, at=at(3), reason="wrong", withdrawal_sha256=w.withdrawal_sha256))
    for p in reg.publications.order_by("pk"): print("F", p.number, p.state, p.effective_from)
    print("F unfinished", [str(x) for x in unfinished(editor)] if True else 0)
