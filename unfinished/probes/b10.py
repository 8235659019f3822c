from b7 import *
with sync_playwright() as p:
    br=start(p)
    e=login(br,"editor"); e.set_default_timeout(20000)
    e.goto(B+"/admin/compliance/publication/submit/1/")
    e.fill("[name=reason]","DeepInfra is gone, urgent"); e.check("input[name^='grade:'][value=weaker]")
    for t in e.query_selector_all("textarea[name^='answer:']"):
        if not t.input_value(): t.fill("Ann has read the agreement.")
    e.get_by_role("button",name="Submit for approval").click(); e.wait_for_load_state(); U=e.url; print(U, main(e)[:200])
    s=main(e); print("EDITOR SEES", [l for l in s.split("\n") if "arried" in l or "cheduled" in l or "called off" in l])
    a=login(br,"approver"); a.set_default_timeout(20000); a.goto(U); s=main(a); i=s.find("Scheduled for later"); print(s[:1200]); print("REVIEW", s[i-50:i+700]); j=s.rfind("Approve what is shown"); print(s[j:])
    a.goto(B+"/admin/"); print(main(a)[:900])
