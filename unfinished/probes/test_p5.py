from tests.probe.p2base import *
for n in [n for n in dir() if n.startswith("test_")]: del globals()[n]
def rd(r): return type(r).objects.get(pk=r.pk)

def test_q_undo_own_removed_by_scheduled(editor, approver, both):
    "both's text in force; S by editor; both undoes himself? no: editor undoes; renamed model"
    reg = make_register()
    r1 = make_listing(reg, models=["One"], training="never"); m = r1.listed_models.first().model
    n = make_footnote(reg, text="A."); cite(n, listed_model=r1.listed_models.first())
    published(reg, editor, approver)
    with ed(both): n.set(text="Both wrote this.")
    published(reg, editor, approver, at=at(1))
    with ed(editor) as c1: n.set(text="Editor wrote this.")
    s = published(reg, editor, approver, at=at(2), effective_from=at(48), announce=True)
    with ed(editor): put_back(states_before(c1.changeset))
    z = submitted(reg, editor, at=at(3), effective_from=at(72))
    o = outlook(z, by=both, at=at(3)); print("Q", [x.sentence for x in compare(z.base.snapshot(), z.snapshot())], repr(o.obstacle))
    ok(lambda: approve(z, by=both, at=at(3), approval_sha256=o.approval_sha256)); z.refresh_from_db(); print("Q", z.state, z.number)

def test_r_undo_after_withdraw(editor, approver, both):
    "P2 withdrawn, in force P1; both's text T1(P1)->T2(P2). undo..; then a later one"
    reg = make_register()
    r1 = make_listing(reg, models=["One"], training="never"); r2 = make_listing(reg, models=["Two"])
    p1 = published(reg, editor, approver)
    with ed(both): state(r1, training="by_default")
    p2 = published(reg, editor, approver, at=at(1))
    w = withdrawal_outlook(p2, by=approver, at=at(2)); withdraw(p2, by=approver, at=at(2), reason="x", withdrawal_sha256=w.withdrawal_sha256)
    c = candidate(reg, at=at(3)); print("R", [str(x.by) for x in c.changesets], [x.sentence for x in c.changes])

def test_s_carried_after_hold(editor, approver, both):
    "two scheduled, both's text held in S1, released in S2, U carried; who contributes"
    reg = make_register()
    r1 = make_listing(reg, models=["One"], training="never"); r2 = make_listing(reg, models=["Two"], training="never"); r3 = make_listing(reg, models=["Three"], training="never")
    p1 = published(reg, editor, approver)
    with ed(both): state(r1, training="by_default")
    with ed(editor): state(r2, training="by_default")
    s1 = published(reg, editor, approver, at=at(1), listings=[r2], effective_from=at(48), announce=True)
    with ed(editor): state(rd(r3), training="by_default")
    u = published_u = submitted(reg, editor, at=at(2), listings=[r3]); o = outlook(u, by=approver, at=at(2)); approve(u, by=approver, at=at(2), approval_sha256=o.approval_sha256)
    # both edits r2 via editor's set + later
    with ed(editor): state(rd(r1), training="opt_out")
    c = candidate(reg, at=at(3), effective_from=at(72)); print("S", c.base, [str(x.by) for x in c.changesets], [x.sentence for x in c.changes])
    c = candidate(reg, at=at(3), listings=[r1]); print("S now", c.base, [str(x.by) for x in c.changesets], [x.sentence for x in c.changes])

def test_t_rebase_mail_self(editor, approver, both, settings):
    from django.core import mail
    from django.test import TestCase
    for x in (editor, approver, both): type(x).objects.filter(pk=x.pk).update(email=f"{x.username}@e.com")
    reg = make_register()
    r1 = make_listing(reg, models=["One"], training="never"); r2 = make_listing(reg, models=["Two"], training="never")
    published(reg, editor, approver)
    with ed(editor): state(r1, training="by_default")
    x = submitted(reg, editor, at=at(1), listings=[r1])
    with ed(editor): state(r2, training="by_default")
    y = submitted(reg, editor, at=at(1), listings=[r2])
    approve(x, by=approver, at=at(2), approval_sha256=x.approval_sha256)
    with TestCase.captureOnCommitCallbacks(execute=True): z = rebase(y, by=approver, at=at(3))
    print("T", [(m.to, m.subject) for m in mail.outbox])
    ask_for_change(z, by=approver, at=at(4), text="Do it otherwise")
    o=outlook(z, by=approver, at=at(4)); print("T", repr(o.obstacle))
    # comments on old still shown after second rebase
    with ed(editor): state(make_listing(reg, models=["Four"]), training="never")

def test_u_comment_lost_on_rebase_of_carried(editor, approver, both):
    reg = make_register()
    r1 = make_listing(reg, models=["One"], training="never"); r2 = make_listing(reg, models=["Two"], training="never")
    published(reg, editor, approver)
    with ed(editor): state(r1, training="by_default")
    s = published(reg, editor, approver, at=at(1), effective_from=at(48))
    with ed(editor): r9 = make_listing(reg, models=["Nine"])
    # scheduled for later than S but S withdrawn
    z = submitted(reg, editor, at=at(2), effective_from=at(72))
    w = withdrawal_outlook(s, by=approver, at=at(3)); withdraw(s, by=approver, at=at(3), reason="x", withdrawal_sha256=w.withdrawal_sha256)
    rb = rebase_outlook(z, at=at(4)); print("U", rb and (repr(rb.obstacle), rb.onto))
    q = ok(lambda: rebase(z, by=editor, at=at(4)))
    if q: print("U", [x.sentence for x in compare(q.base.snapshot(), q.snapshot())])

def test_v_standing_answers_prolonged(editor, approver, both):
    from datetime import timedelta
    reg = make_register()
    r1 = make_listing(reg, models=["One"], training="never"); r2 = make_listing(reg, models=["Two"], training="never")
    p = published(reg, editor, approver)
    for d in (200, 364, 366, 367, 400):
        t = NOON + timedelta(days=d)
        with ed(editor): state(rd(r1), training="by_default" if d%2 else "opt_in")
        c = candidate(reg, at=t); print("V", d, [(f.code, f.key in c.answered) for f in c.findings if str(f.severity)=="warning"])
        published(reg, editor, approver, at=t, answers={f.key:"Known." for f in c.findings if f.key not in c.answered})
