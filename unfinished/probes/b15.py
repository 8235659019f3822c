from b7 import *
with sync_playwright() as p:
    br=start(p); P=B+"/admin/compliance/publication/%d/change/"
    a=login(br,"approver"); a.set_default_timeout(20000); a.goto(P%9); a.get_by_role("button",name="Approve exactly this").click(); a.wait_for_load_state(); print(main(a)[:120])
    a.goto(B+"/admin/"); print("ADESK", main(a)[:500])
    a.goto(P%10); t=main(a); i=t.find("Hash of the page"); print(t[i:i+600]); print([(x.inner_text() or x.get_attribute("value")) for x in a.query_selector_all("#content button, #content input[type=submit]")])
    s2=login(br,"second"); s2.set_default_timeout(20000); s2.goto(B+"/admin/"); print("SDESK", main(s2)[:500]); s2.goto(P%10); print([(x.inner_text() or x.get_attribute("value")) for x in s2.query_selector_all("#content button, #content input[type=submit]")])
    s2.get_by_role("button",name="up to date").click(); s2.wait_for_load_state(); U=s2.url; t=main(s2); print(U, t[:1500])
    a.goto(U); t=main(a); i=t.find("What the rules found"); print(t[i:i+1500]); 
    a.goto(P%10); print(main(a)[:500])
    s2.goto(B+"/admin/"); print("SDESK", main(s2)[:500])
