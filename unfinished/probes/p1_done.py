import pytest
from compliance.models import Listing, Footnote, Section
from compliance.models.changesets import changeset
from compliance.publishing import *
from compliance.workingcopy.restore import *
from tests.factories import *
from tests.publications import *
pytestmark = pytest.mark.django_db
def at(h): return NOON + h*HOUR
def ed(u): return changeset(by=u, reason="An edit")
@pytest.fixture
def both(approver):
    b = make_user("both", role="editor"); b.groups.add(*approver.groups.all()); return b

def setup(editor, approver, both):
    reg = make_register()
    r1 = make_listing(reg, models=["One"], training="never"); r2 = make_listing(reg, models=["Two"])
    p0 = published(reg, editor, approver)
    # both writes T1 ; P2
    with ed(both) as cb: state(r1, training="by_default")
    p1 = published(reg, editor, approver, at=at(1))
    return reg, r1, r2, p1

def test_discard_behind_scheduled(editor, approver, both):
    reg, r1, r2, p1 = setup(editor, approver, both)
    with ed(editor) as ce: state(r1, training="never")
    s = published(reg, editor, approver, at=at(2), effective_from=at(48), announce=True)
    with ed(editor):
        put_back(states_at(Listing, r1.pk, published_as_of(p1, str(r1.pk))))
    c = candidate(reg, at=at(3), effective_from=at(72))
    print("BASE", c.base, [str(x.by) for x in c.changesets], [x.sentence for x in c.changes])
    n = submitted(reg, editor, at=at(3), effective_from=at(72))
    print("OUT", repr(outlook(n, by=both, at=at(3)).obstacle))

def test_undo_behind_scheduled(editor, approver, both):
    reg, r1, r2, p1 = setup(editor, approver, both)
    with ed(editor) as ce: state(r1, training="never")
    s = published(reg, editor, approver, at=at(2), effective_from=at(48), announce=True)
    ch = ce.changeset
    print("published_from", published_from(ch, roots_of(ch), at=at(3)))
    with ed(editor): put_back(states_before(ch))
    n = submitted(reg, editor, at=at(3), effective_from=at(72))
    print("OUT", repr(outlook(n, by=both, at=at(3)).obstacle))

def test_grades_carried(editor, approver, both):
    reg = make_register()
    r1 = make_listing(reg, models=["One"]); r2 = make_listing(reg, models=["Two"])
    published(reg, editor, approver)
    with ed(editor):
        n2 = make_footnote(reg, text="Court order keeps all logs.", position=20)
        cite(n2, cell=cell_of(r2,"training")) if r2.cells.exists() else cite(n2, listed_model=r2.listed_models.first())
    c = candidate(reg, at=at(1), effective_from=at(48))
    g = {x.key: "weaker" for x in c.to_grade}
    print("GRADED", g, [x.sentence for x in c.to_grade])
    s = published(reg, editor, approver, at=at(1), effective_from=at(48), announce=True, grades=g)
    with ed(both):
        n1 = make_footnote(reg, text="Only in EU.", position=10)
        cite(n1, listed_model=r1.listed_models.first())
    u = submitted(reg, editor, at=at(2), held_back=[p.key for p in candidate(reg, at=at(2)).changed if str(n2.pk) in p.key or str(r2.pk) in p.key])
    o = outlook(u, by=approver, at=at(2)); print("OBST", o.obstacle, [(x.scheduled.number, x.conflicts, x.page is not None) for x in o.carried])
    approve(u, by=approver, at=at(2), approval_sha256=o.approval_sha256)
    ren = reg.publications.get(renews=s)
    from compliance.page.diff import compare, apply_grades
    ch = apply_grades(compare(ren.base.snapshot(), ren.snapshot()), ren.grades)
    for x in ch: print("R", x.effect, x.key in ren.grades, x.sentence)
