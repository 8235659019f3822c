from b7 import *
with sync_playwright() as p:
    br=start(p)
    e=login(br,"editor"); e.set_default_timeout(20000)
    G="/admin/compliance/listing/88980dfb-9746-4da0-a447-83d681844df2/"
    e.goto(B+G+"change/"); s=main(e); print("FORM", [l for l in s.split("\n") if "cheduled" in l or "nnounced" in l])
    e.goto(B+G+"acts/discard/"); e.fill("[name=reason]","Set back for the urgent fix"); e.click("[name=_do]"); e.wait_for_load_state(); print(main(e)[:300])
    e.goto(B+G+"change/"); e.select_option("[name=cell_training]",label="Unless the customer opts out"); e.fill("[name=reason]","Fireworks: opt out since today"); e.click("[name=_save]"); e.wait_for_load_state()
    e.goto(B+"/admin/compliance/publication/submit/1/?only=listing:88980dfb-9746-4da0-a447-83d681844df2"); 
    s=main(e); print("SUBMIT mentions", [l for l in s.split("\n") if "cheduled" in l or "nnounced" in l or "called off" in l])
    for t in e.query_selector_all("textarea[name^='answer:']"):
        if not t.input_value(): t.fill("Known to us.")
    e.fill("[name=reason]","Urgent opt out")
    e.get_by_role("button",name="Submit for approval").click(); e.wait_for_load_state(); U=e.url; s=main(e); i=s.find("! Scheduled for later"); print(U, s[i:i+900])
    a=login(br,"approver"); a.set_default_timeout(20000); a.goto(U); a.get_by_role("button",name="Approve exactly this").click(); a.wait_for_load_state(); print(main(a)[:150])
    e.goto(B+"/admin/"); print("DESK", main(e)[:700])
    e.goto(B+"/admin/compliance/publication/6/change/"); s=main(e); print(s[:900]); print([l for l in s.split("\n") if "ubmit" in l or "Drop" in l])
    c=br.new_context().new_page(); c.goto(B+"/llms-privacy/changes/"); print(text(c)[400:1500])
