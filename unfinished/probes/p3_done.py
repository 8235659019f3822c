from tests.probe.test_p2 import *
for n in [n for n in dir() if n.startswith("test_")]: del globals()[n]

@pytest.mark.parametrize("how", ["discard", "typed"])
def test_g_called_off_leaves_desk(editor, approver, both, how):
    reg = make_register()
    r1 = make_listing(reg, models=["One"], training="never"); r2 = make_listing(reg, models=["Two"], training="never")
    p1 = published(reg, editor, approver)
    with ed(editor): state(r1, training="by_default")
    s = published(reg, editor, approver, at=at(1), effective_from=at(48), announce=True)
    if how == "discard":
        with ed(editor): put_back(states_at(Listing, r1.pk, published_as_of(p1, str(r1.pk))))
    with ed(editor): state(r1, training="opt_out")
    u = submitted(reg, editor, at=at(2))
    o = outlook(u, by=approver, at=at(2)); print("G", repr(o.obstacle), [(x.scheduled.number, x.conflicts, x.page is not None) for x in o.carried])
    approve(u, by=approver, at=at(2), approval_sha256=o.approval_sha256)
    s.refresh_from_db(); print("G", how, s.state, "UNFINISHED", unfinished(Publication.objects.filter(submitted_by=editor)))
    print("G S", sorted(s.contributions.values_list("changeset", flat=True)), "U", sorted(u.contributions.values_list("changeset", flat=True)))

def test_h_restored_text_other_register(editor, approver, both):
    "rebase onto page with own text: own removed text returns"
    reg = make_register()
    r1 = make_listing(reg, models=["One"], training="never"); r2 = make_listing(reg, models=["Two"], training="never")
    p0 = published(reg, editor, approver)
    with ed(both): state(r1, training="by_default")
    p1 = published(reg, editor, approver, at=at(1))
    # revert to p0 in review; contributors? (both removed 'never')
    v = reverted(reg, editor, to=1, at=at(2)); print("H revert", outlook(v, by=both, at=at(2)).obstacle)
    # approve some change to r2 first, then rebase v
    with ed(editor): state(r2, training="opt_out")
    u = published(reg, editor, approver, at=at(3))
    o = rebase_outlook(v, at=at(4)); print("H", repr(o.obstacle))
    w = rebase(v, by=both, at=at(4)); print("H rebased", repr(outlook(w, by=both, at=at(4)).obstacle), [c.sentence for c in compare(w.base.snapshot(), w.snapshot())])
    # revert of scheduled behind

def test_i_revert_of_called_off(editor, approver, both):
    "S (both edits) called off by other; revert S keeps moment; both approves?"
    reg = make_register()
    r1 = make_listing(reg, models=["One"], training="never"); r2 = make_listing(reg, models=["Two"], training="never")
    p0 = published(reg, editor, approver)
    with ed(both): state(r1, training="by_default")
    s = published(reg, editor, approver, at=at(1), effective_from=at(48), announce=True)
    w = withdrawal_outlook(s, by=approver, at=at(2))
    withdraw(s, by=approver, at=at(2), reason="wrong", withdrawal_sha256=w.withdrawal_sha256)
    v = reverted(reg, editor, to=2, at=at(3)); print("I", v.requested_effective_from, v.announce, repr(outlook(v, by=both, at=at(3)).obstacle))
    # now with urgent fix between: carried revert
    with ed(editor): state(r2, training="opt_out")
    approve(v, by=approver, at=at(3), approval_sha256=v.approval_sha256)
    u = submitted(reg, editor, at=at(4), listings=[r2]); o = outlook(u, by=both, at=at(4)); print("I carry by both", repr(o.obstacle))
    o = outlook(u, by=approver, at=at(4)); approve(u, by=approver, at=at(4), approval_sha256=o.approval_sha256)
    r = reg.publications.get(renews=v); print("I renewed", r.state, r.captured_changeset_id, s.captured_changeset_id, v.captured_changeset_id)
    # later submission on top of r where nothing else differs
    c = candidate(reg, at=at(5), effective_from=at(72)); print("I cand", [str(x.by) for x in c.changesets], [x.sentence for x in c.changes])

def test_j_undo_term_or_provider_behind(editor, approver, both):
    "provider's declared changed by both, S scheduled over it, undo restores both's"
    reg = make_register()
    r1 = make_listing(reg, models=["One"]); prov = r1.listed_providers.first().provider
    published(reg, editor, approver)
    with ed(both): prov.set(declared_training="by_default")
    published(reg, editor, approver, at=at(1))
    with ed(editor) as c1: prov.set(declared_training="never")
    s = published(reg, editor, approver, at=at(2), effective_from=at(48))
    with ed(editor): put_back(states_before(c1.changeset))
    n = submitted(reg, editor, at=at(3), effective_from=at(72))
    print("J", [c.sentence for c in compare(n.base.snapshot(), n.snapshot())], repr(outlook(n, by=both, at=at(3)).obstacle))

def test_k_rejected_revert_to_imported(editor, approver, both):
    "own edits empty"
    reg = make_register()
    r1 = make_listing(reg, models=["One"], training="never"); r2 = make_listing(reg, models=["Two"], training="never")
    p0 = published(reg, editor, approver)
    with ed(editor): state(r1, training="by_default")
    p1 = submitted(reg, editor, at=at(1)); reject(p1, by=approver, at=at(1), reason="no")
    print("K", unfinished(Publication.objects.all()))
    # partial resubmission: row set back to published by editor, then another row submitted incl. nothing of p1
    with ed(editor): put_back(states_at(Listing, r1.pk, published_as_of(p0, str(r1.pk))))
    with ed(editor): state(r2, training="opt_out")
    q = submitted(reg, editor, at=at(2)); print("K after other submission", unfinished(Publication.objects.all()), sorted(q.contributions.values_list("changeset", flat=True)), sorted(p1.contributions.values_list("changeset", flat=True)))
    with ed(editor): state(r1, training="opt_in")
    q = submitted(reg, editor, at=at(3)); print("K after r1 otherwise", unfinished(Publication.objects.all()))

def test_l_two_terms_hold(editor, approver, both):
    "moment passes while in review"
    reg = make_register()
    r1 = make_listing(reg, models=["One"], training="never"); r2 = make_listing(reg, models=["Two"], training="never")
    published(reg, editor, approver)
    with ed(editor): state(r1, training="by_default")
    x = submitted(reg, editor, at=at(1), effective_from=at(10), announce=True)
    with ed(editor): state(r2, training="by_default")
    s = submitted(reg, editor, at=at(2), listings=[r2], effective_from=at(20), announce=True)
    approve(s, by=approver, at=at(3), approval_sha256=s.approval_sha256)
    o = outlook(x, by=approver, at=at(12)); print("L passed", repr(o.obstacle), o.effective_from, [(c.scheduled.number, c.page is not None) for c in o.carried])
    o = outlook(x, by=approver, at=at(25)); print("L passed2", repr(o.obstacle), o.effective_from)
    rb = rebase_outlook(x, at=at(25)); print("L", repr(rb.obstacle))
    z = ok(lambda: rebase(x, by=editor, at=at(25)))
    if z: print("L", z.requested_effective_from, repr(outlook(z, by=approver, at=at(26)).obstacle))
