from b7 import *
with sync_playwright() as p:
    br=start(p); U=B+"/admin/compliance/publication/3/change/"
    a=login(br,"approver"); a.set_default_timeout(20000); a.goto(U); a.get_by_role("button",name="Approve exactly this").click(); a.wait_for_load_state(); print("APP", main(a)[:700])
    e=login(br,"editor"); e.set_default_timeout(20000); 
    L=B+"/admin/compliance/listing/1296cc21-650f-4ffa-9393-a219560c4ea2/change/"
    e.goto(B+"/admin/"); print("DESK", main(e)[:700])
    e.goto(L); s=main(e); print(s[:1500]); print(vals(e)); print([(x.inner_text(),x.get_attribute("href")) for x in e.query_selector_all("#content a")][:40])
    e.goto(B+"/admin/compliance/footnote/bde8e1c3-ee9a-4fc5-82c7-a6cbb30eaac6/change/"); print(main(e)[:700])
