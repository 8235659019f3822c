from b7 import *
with sync_playwright() as p:
    br=start(p); e=login(br,"editor"); e.set_default_timeout(25000)
    e.goto(B+"/admin/compliance/publication/6/change/",wait_until="domcontentloaded"); print("CALLED OFF editor", [(x.inner_text() or x.get_attribute("value")) for x in e.query_selector_all("#content button, #content input[type=submit]")], [x.inner_text() for x in e.query_selector_all("#content a") if "again" in x.inner_text()])
    e.goto(B+"/admin/compliance/changeset/",wait_until="domcontentloaded"); h=[x.get_attribute("href") for x in e.query_selector_all("#content a") if re.search(r"/changeset/\d+/",x.get_attribute("href") or "")]; print(h[:3])
    e.goto(B+h[0],wait_until="domcontentloaded"); print(main(e)[:250]); e.click("text=Undo this change"); e.wait_for_load_state(); print(main(e)[:300]); e.fill("[name=reason]","Undo it"); e.click("[name=_do]"); e.wait_for_load_state(); print(e.url, main(e)[:200])
