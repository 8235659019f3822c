from b7 import *
import time
with sync_playwright() as p:
    br=start(p)
    e=login(br,"editor"); e.set_default_timeout(20000)
    # 1. schedule a row: GLM-4.5 gets 'by default'
    G="/admin/compliance/listing/88980dfb-9746-4da0-a447-83d681844df2/"
    e.goto(B+G+"change/"); e.select_option("[name=cell_training]",label="By default") ; e.fill("[name=reason]","Fireworks trains on GLM from January"); e.click("[name=_save]"); e.wait_for_load_state()
    e.goto(B+"/admin/compliance/publication/submit/1/?only=listing:88980dfb-9746-4da0-a447-83d681844df2"); 
    for t in e.query_selector_all("textarea[name^='answer:']"):
        if not t.input_value(): t.fill("Known to us.")
    e.fill("[name=reason]","GLM from January"); e.fill("[name=effective_from]","2027-01-05 09:00"); e.check("[name=announce]")
    e.get_by_role("button",name="Submit for approval").click(); e.wait_for_load_state(); U=e.url; print(U, main(e)[:150])
    a=login(br,"approver"); a.set_default_timeout(20000); a.goto(U); a.get_by_role("button",name="Approve exactly this").click(); a.wait_for_load_state(); print(main(a)[:150])
    e.goto(B+"/admin/"); print("DESK", main(e)[:900])
    e.goto(B+G+"change/"); print(main(e)[:600])
    e.goto(B+"/admin/compliance/listing/"); print([l for l in text(e).split("\n") if "GLM" in l])
    e.goto(B+G+"acts/discard/"); s=main(e); print("DISCARD", s[:2500]); print(vals(e)[:8])
