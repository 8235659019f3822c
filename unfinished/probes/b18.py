from b7 import *
import traceback
with sync_playwright() as p:
    br=start(p); e=login(br,"editor"); e.set_default_timeout(12000)
    def btn(pg): return [(x.inner_text() or x.get_attribute("value")) for x in pg.query_selector_all("#content button, #content input[type=submit]")]
    try:
        e.goto(B+"/admin/compliance/publication/6/change/"); print("CALLED OFF editor", btn(e), [x.inner_text() for x in e.query_selector_all("#content a") if "ubmit" in x.inner_text()])
        x=e.query_selector("#content input[value*='ubmit it again'], #content button:has-text('ubmit it again')")
    except Exception: traceback.print_exc()
    try:
        e.goto(B+"/admin/compliance/changeset/"); h=[x.get_attribute("href") for x in e.query_selector_all("#content a") if "/changeset/" in (x.get_attribute("href") or "") and "/change/" in x.get_attribute("href")]; print(h[:3])
        e.goto(B+h[0]); t=main(e); print(t[:300]); e.click("text=Undo this change"); e.wait_for_load_state(); print(main(e)[:500]); e.fill("[name=reason]","Undo it"); e.click("[name=_do]"); e.wait_for_load_state(); print(e.url, main(e)[:250])
        e.goto(B+"/admin/compliance/listing/79c23d70-484f-41ed-8272-cd66e49567ad/change/"); print(vals(e)[2], [v for v in vals(e) if "documents" in v[0]])
    except Exception: traceback.print_exc()
    try:
        e.goto(B+"/admin/compliance/footnote/22072fbc-405b-4e19-b51b-6b8463ab2616/change/"); e.goto(B+"/admin/compliance/footnote/22072fbc-405b-4e19-b51b-6b8463ab2616/delete/"); print(main(e)[:500]); 
        if e.query_selector("[name=reason]"): e.fill("[name=reason]","Drop note 4"); e.click("#content [type=submit] >> nth=-1"); e.wait_for_load_state(); print(e.url, main(e)[:300])
        e.goto(B+"/admin/compliance/footnote/deleted/"); print(main(e)[:400]); e.click("text=Restore"); e.wait_for_load_state(); print(main(e)[:600]); e.fill("[name=reason]","Back"); e.click("[name=_do]"); e.wait_for_load_state(); print(e.url, main(e)[:250])
    except Exception: traceback.print_exc()
