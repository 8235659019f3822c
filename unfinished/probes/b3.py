from b0 import *
def main(pg): return re.sub(r"\n\s*\n+","\n",(pg.query_selector("#content, main") or pg.query_selector("body")).inner_text())
def fields(pg): return [(i.get_attribute("name"),i.get_attribute("type"),(i.get_attribute("value") or "")[:50]) for i in pg.query_selector_all("#content form [name]:visible")]
if __name__=="__main__":
  with sync_playwright() as p:
    br=start(p)
    e=login(br,"editor"); e.goto(B+"/admin/compliance/footnote/bde8e1c3-ee9a-4fc5-82c7-a6cbb30eaac6/change/"); 
    print(fields(e)); print(main(e)[:1500])
    e.fill("[name=text]","A court order makes OpenAI keep every chat log until further notice.")
    rn=[f[0] for f in fields(e) if "reason" in f[0]][0]; e.fill(f"[name={rn}]","Court order of today"); e.click("[name=_save]"); e.wait_for_load_state(); print(e.url, main(e)[:800])
    e.goto(B+"/admin/"); print(main(e)[:1800]); print([(a.inner_text(),a.get_attribute("href")) for a in e.query_selector_all("a") if "ublish" in a.inner_text()])
    e.click("text=Publish changes"); e.wait_for_load_state(); print(e.url); print(main(e)); print(fields(e))
