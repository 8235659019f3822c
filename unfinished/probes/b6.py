from b3 import *
with sync_playwright() as p:
    br=start(p); U=B+"/admin/compliance/publication/2/change/"
    a=login(br,"approver"); a.goto(U); a.fill("[name=text]","Please name the court."); a.click("[name=ask]"); a.wait_for_load_state(); s=main(a); i=s.find("Comments\n",s.find("What the rules")); print(a.url, s[:200], s[i:i+400])
    e=login(br,"editor"); e.goto(B+"/admin/"); print("DESK", main(e)[:900])
    a.goto(U); a.fill("[name=reason]","Names no court."); a.click("text=Reject"); a.wait_for_load_state(); print("REJ", main(a)[:700])
    e.goto(B+"/admin/"); print("DESK2", main(e)[:900]); print([(x.inner_text(),x.get_attribute("href")) for x in e.query_selector_all("#content a")][:12])
    e.click("text=Change and submit again"); e.wait_for_load_state(); print(e.url); s=main(e); print(s[:500]); 
    print([(i.get_attribute("name"), i.input_value() if i.get_attribute("type") not in("radio","checkbox") else (i.get_attribute("value"),i.is_checked())) for i in e.query_selector_all("#content form [name]:visible")])
