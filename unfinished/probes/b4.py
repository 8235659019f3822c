from b3 import *
with sync_playwright() as p:
    br=start(p)
    e=login(br,"editor"); e.goto(B+"/admin/compliance/publication/submit/1/")
    e.fill("[name=reason]","Court order"); e.fill("[name=effective_from]","2026-12-20 09:00"); e.check("[name=announce]")
    for t in e.query_selector_all("textarea[name^='answer:']"):
        if not t.input_value(): t.fill("Ann has read the agreement.")
    e.click("[name=_show] >> nth=-1"); e.wait_for_load_state(); s=main(e); print("SHOWN", s[:300], "...", s[-1800:]); print(fields(e)[-8:])
    e.click("input[type=submit][value*=Submit], button:has-text('Submit for approval')"); e.wait_for_load_state(); print("AFTER", e.url, main(e)[:1200])
    # forgot grade. now grade
    e.check("input[name^='grade:'][value=weaker]"); e.click("input[type=submit][value*=Submit], button:has-text('Submit for approval')"); e.wait_for_load_state(); print("AFTER2", e.url, main(e)[:3500])
