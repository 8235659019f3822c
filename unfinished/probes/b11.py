from b7 import *
with sync_playwright() as p:
    br=start(p)
    a=login(br,"approver"); a.set_default_timeout(20000); a.goto(B+"/admin/compliance/publication/4/change/"); a.get_by_role("button",name="Approve exactly this").click(); a.wait_for_load_state(); print(main(a)[:300])
    c=br.new_context().new_page(); c.goto(B+"/llms-privacy/"); s=text(c); print([l for l in s.split("\n") if "court" in l.lower() or "nnounced" in l or "20 Dec" in l])
    c.goto(B+"/llms-privacy/changes/"); print(text(c)[:1800])
    r=c.goto(B+"/llms-privacy/4/"); print(r.status, text(c)[:500])
    c.goto(B+"/llms-privacy/changes/4/"); print(text(c)[:700])
    e=login(br,"editor"); e.goto(B+"/admin/"); print("DESK", main(e)[:700]); e.goto(B+"/admin/compliance/publication/5/change/"); print(main(e)[:900])
