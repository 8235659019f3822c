"""An independent comparison: plain Python, none of the product's code."""
import glob, re, sys
SUP = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
def items(cell):
    cell = cell.strip()
    if "<li>" in cell:
        parts = re.findall(r"<li>(.*?)</li>", cell)
    else:
        parts = re.split(r"<br ?/?>", cell)
    out = []
    for p in parts:
        p = re.sub(r"^[•\-\s]+", "", p.strip())
        if p: out.append(p)
    return out
def mark(item):
    m = re.search(r"([⁰¹²³⁴⁵⁶⁷⁸⁹][\s⁰¹²³⁴⁵⁶⁷⁸⁹]*)$", item)
    if not m: return item.strip(), []
    return item[:m.start()].strip(), [int(x) for x in re.findall(r"\d", m[1].translate(SUP))]
def page(path):
    rows, notes, prose = [], {}, []
    note = None
    for line in open(path, encoding="utf-8").read().splitlines():
        if line.startswith("|"):
            cells = line.strip().strip("|").split("|")
            if set(line) <= set("|:- "): continue
            rows.append([[mark(i) for i in items(c)] for c in cells]); note=None
        else:
            m = re.match(r"^([¹²³⁴⁵⁶⁷⁸⁹])\s*(.*)", line)
            if m: note=int(m[1].translate(SUP)); notes[note]=m[2]
            elif note and line.strip(): notes[note]+=" "+line.strip()
            elif line.strip(): prose.append(line.strip())
    return rows[0], rows[1:], notes, prose
def show(cell): return ", ".join(t+("^"+",".join(map(str,m)) if m else "") for t,m in cell)
def names(cell):
    out=[]
    for t,m in cell:
        for part in re.split(r" / ", t): out.append(part.strip())
    return out
paths = sorted(glob.glob("/work/shared/pages/0*.md"))
for a,b in zip(paths, paths[1:]):
    ha,ra,na,pa = page(a); hb,rb,nb,pb = page(b)
    print("=====", a[18:21], "->", b[18:21])
    if pa!=pb: print(" PROSE", [x for x in pb if x not in pa], "WAS", [x for x in pa if x not in pb])
    if ha!=hb: print(" HEAD", show([x for c in ha for x in c]), "->", show([x for c in hb for x in c]))
    used=set()
    pairs=[]
    for r in ra:
        best=max(range(len(rb)), key=lambda i:(i not in used, len(set(names(r[0]))&set(names(rb[i][0])))), default=None)
        if best is not None and best not in used and set(names(r[0]))&set(names(rb[best][0])):
            used.add(best); pairs.append((r,rb[best]))
        else: pairs.append((r,None))
    for r,s in pairs:
        if s is None:
            print(" GONE ROW", " || ".join(show(c) for c in r)); continue
        if [show(c) for c in r]==[show(c) for c in s]: continue
        print(" ROW", names(s[0])[:3])
        for i,(x,y) in enumerate(zip(r,s)):
            if show(x)==show(y): continue
            X,Y=names(x),names(y)
            minus=[t for t in X if t not in Y]; plus=[t for t in Y if t not in X]
            mx={(t,tuple(m)) for t,m in x if m}; my={(t,tuple(m)) for t,m in y if m}
            print(f"    col{i}: -{minus} +{plus}", "marks", mx,"->",my if mx!=my else "same", "" if minus or plus or mx!=my else "ORDER/DUP "+show(y))
    for i,s in enumerate(rb):
        if i not in used: print(" NEW ROW", " || ".join(show(c) for c in s))
    for n in sorted(set(na)|set(nb)):
        if na.get(n)!=nb.get(n): print(" NOTE",n,":",na.get(n),"=>",nb.get(n))
print("#### companies")
for a,b in zip(paths, paths[1:]):
    _,ra,na,_=page(a); _,rb,nb,_=page(b)
    A={n for r in ra for n in names(r[1])}; B={n for r in rb for n in names(r[1])}
    am={n for r in ra for n in names(r[0])}; bm={n for r in rb for n in names(r[0])}
    print(a[19:22],b[19:22],"new",sorted(B-A),"left",sorted(A-B))
    def where(rows):
        d={}
        for r in rows:
            for n in names(r[0]): d.setdefault(n,[set(),[]]); d[n][0]|=set(names(r[1])); d[n][1].append((show(r[2]),show(r[3])))
        return d
    wa,wb=where(ra),where(rb)
    for n in sorted(am&bm):
        if wa[n]!=wb[n]: print("    ",n,"+",sorted(wb[n][0]-wa[n][0]),"-",sorted(wa[n][0]-wb[n][0]), wa[n][1] if wa[n][1]!=wb[n][1] else "", wb[n][1] if wa[n][1]!=wb[n][1] else "")
