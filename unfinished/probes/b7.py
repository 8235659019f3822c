from b3 import *
def vals(e): return [(i.get_attribute("name"), i.input_value() if i.get_attribute("type") not in("radio","checkbox") else (i.get_attribute("value"),i.is_checked())) for i in e.query_selector_all("#content form [name]:not(button):visible")]
if __name__=="__main__":
  with sync_playwright() as p:
    br=start(p); U=B+"/admin/compliance/publication/2/change/"
    e=login(br,"editor"); e.set_default_timeout(15000); e.goto(B+"/admin/"); print("DESK2", main(e)[:600]); print([(x.inner_text(),x.get_attribute("href")) for x in e.query_selector_all("#content a, #content button")][:8])
    e.click("text=Change and submit again"); e.wait_for_load_state(); print(e.url); s=main(e); print(s[:900]); print(vals(e))
    # now edit the footnote and come back
    e.goto(B+"/admin/compliance/footnote/bde8e1c3-ee9a-4fc5-82c7-a6cbb30eaac6/change/"); e.fill("[name=text]","The court in New York makes OpenAI keep every chat log until further notice."); e.fill("[name=reason]","Named the court"); e.click("[name=_save]"); e.wait_for_load_state()
    e.goto(B+"/admin/"); print("DESK3", main(e)[:300]); e.click("text=Change and submit again"); e.wait_for_load_state(); print(vals(e))
    e.get_by_role("button",name="Submit for approval").click(); e.wait_for_load_state(); print(e.url, main(e)[:500]); 
    e.goto(B+"/admin/"); print("DESK4", main(e)[:300])
