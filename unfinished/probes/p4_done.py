from tests.probe.p2base import *
for n in [n for n in dir() if n.startswith("test_")]: del globals()[n]
def rd(r): return type(r).objects.get(pk=r.pk)

def test_g_discard(editor, approver, both):
    reg = make_register()
    r1 = make_listing(reg, models=["One"], training="never"); r2 = make_listing(reg, models=["Two"], training="never")
    p1 = published(reg, editor, approver)
    with ed(editor): state(r1, training="by_default")
    s = published(reg, editor, approver, at=at(1), effective_from=at(48), announce=True)
    with ed(editor): put_back(states_at(Listing, r1.pk, published_as_of(p1, str(r1.pk))))
    with ed(editor): state(rd(r1), training="opt_out")
    u = submitted(reg, editor, at=at(2))
    o = outlook(u, by=approver, at=at(2))
    approve(u, by=approver, at=at(2), approval_sha256=o.approval_sha256)
    print("G discard", Publication.objects.get(pk=s.pk).state, "UNFINISHED", unfinished(Publication.objects.filter(submitted_by=editor)))
    ok(lambda: drop(s, by=editor, at=at(3), text="x"))

def test_m_carried_ungraded(editor, approver, both):
    reg = make_register()
    r1 = make_listing(reg, models=["One"], training="never"); r2 = make_listing(reg, models=["Two"], training="never")
    n = make_footnote(reg, text="The menu calls it Uno."); cite(n, listed_model=r1.listed_models.first())
    published(reg, editor, approver)
    with ed(editor): n.set(text="All prompts are kept by court order.")
    c = candidate(reg, at=at(1), effective_from=at(48)); print("M to grade", len(c.to_grade), [(x.sentence, x.effect, x.needs_grade) for x in c.changes])
    s = published(reg, editor, approver, at=at(1), effective_from=at(48), announce=True); print("M grades", s.grades)
    with ed(editor): cite(n, cell=cell_of(r2, "training"))
    c = candidate(reg, at=at(2), held_back=[f"footnote:{n.pk}"]); print("M u", c.held_back, c.came_along, [x.sentence for x in c.changes])
    u = submitted(reg, editor, at=at(2), held_back=[f"footnote:{n.pk}"])
    o = outlook(u, by=approver, at=at(2)); print("M", repr(o.obstacle), [(x.scheduled.number, x.conflicts, x.page is not None) for x in o.carried])
    approve(u, by=approver, at=at(2), approval_sha256=o.approval_sha256)
    r = reg.publications.get(renews=s)
    print("M R", r.state, r.grades, [(x.sentence, str(x.effect), x.needs_grade, x.key in r.grades) for x in compare(r.base.snapshot(), r.snapshot())])

def test_n_rebase_ungraded_unanswered(editor, approver, both):
    reg = make_register()
    r1 = make_listing(reg, models=["One"], training="never"); r2 = make_listing(reg, models=["Two"], training="never")
    n = make_footnote(reg, text="The menu calls it Uno."); cite(n, listed_model=r1.listed_models.first())
    published(reg, editor, approver)
    with ed(editor): n.set(text="All prompts are kept by court order.")
    s = submitted(reg, editor, at=at(1))
    with ed(editor): cite(n, cell=cell_of(r2, "training")); r4=make_listing(reg, models=["Three"])
    u = published(reg, editor, approver, at=at(2), held_back=[f"footnote:{n.pk}"])
    z = rebase(s, by=editor, at=at(3)); print("N", z.grades, [(x.sentence, str(x.effect), x.needs_grade) for x in compare(z.base.snapshot(), z.snapshot())], [(f["key"], f["key"] in z.answers) for f in z.findings if f["severity"]!="note"])
    o = outlook(z, by=approver, at=at(4)); print("N", repr(o.obstacle))
    ok(lambda: approve(z, by=approver, at=at(4), approval_sha256=o.approval_sha256)); z.refresh_from_db(); print("N", z.state, z.number)

def test_k_rejected_hidden(editor, approver, both):
    "a rejected revert to an imported page leaves the desk at once"
    reg = make_register()
    r1 = make_listing(reg, models=["One"], training="never"); r2 = make_listing(reg, models=["Two"], training="never")
    p0 = published(reg, editor, approver)
    with ed(editor): state(r1, training="by_default")
    p1 = submitted(reg, editor, at=at(1)); reject(p1, by=approver, at=at(1), reason="no")
    with ed(editor): put_back(states_at(Listing, r1.pk, published_as_of(p0, str(r1.pk))))
    with ed(editor): state(rd(r1), training="opt_in")
    q = submitted(reg, editor, at=at(3)); print("K after r1 otherwise", unfinished(Publication.objects.all()))
    ok(lambda: drop(p1, by=editor, at=at(3), text="x"))

def test_o_undo_behind_scheduled_restore(editor, approver, both):
    "restore of a row deleted in S: row's author approves its return"
    reg = make_register()
    r1 = make_listing(reg, models=["One"], training="never")
    with ed(both): r2 = make_listing(reg, models=["Two"], training="by_default"); k=r2.pk
    p0 = published(reg, editor, approver)
    with ed(editor): r2.delete()
    s = published(reg, editor, approver, at=at(1), effective_from=at(48), announce=True)
    with ed(editor): put_back(states_before_deletion(Listing, k))
    n = submitted(reg, editor, at=at(2), effective_from=at(72)); print("O", repr(outlook(n, by=both, at=at(3)).obstacle))

def test_p_withdraw_scheduled_then_undo(editor, approver, both):
    "both's own unpublished text discarded by editor, in S? own text behind revert of S"
    reg = make_register()
    r1 = make_listing(reg, models=["One"], training="never"); r2 = make_listing(reg, models=["Two"], training="never")
    p0 = published(reg, editor, approver)
    with ed(both): state(r1, training="by_default")
    s = published(reg, editor, approver, at=at(1), effective_from=at(48), announce=True)
    with ed(editor): put_back(states_at(Listing, r1.pk, published_as_of(p0, str(r1.pk))))
    # urgent, bringing nothing: other row; then at 72 on top of S
    with ed(editor): state(r2, training="opt_out")
    u = submitted(reg, editor, at=at(2)); o=outlook(u, by=approver, at=at(2)); print("P urgent", o.obstacle, [(x.scheduled.number, x.page is not None) for x in o.carried], [c.sentence for c in compare(u.base.snapshot(), u.snapshot())])
    approve(u, by=approver, at=at(2), approval_sha256=o.approval_sha256)
    # now at 72: candidate base = renewal, working copy has T0 -> reverts both's text
    c = candidate(reg, at=at(3), effective_from=at(72)); print("P", c.base, [str(x.by) for x in c.changesets], [x.sentence for x in c.changes])
    # undo the discard -> both's text in working copy, now urgent
