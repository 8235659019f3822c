from b7 import *
import traceback
O="79c23d70-484f-41ed-8272-cd66e49567ad"
with sync_playwright() as p:
    br=start(p); e=login(br,"editor"); e.set_default_timeout(15000)
    L=B+f"/admin/compliance/listing/{O}/"
    try:
        e.goto(L+"change/"); e.select_option("[name=cell_documents_which]","stated"); e.fill("[name=cell_documents]","Groq Privacy Policy\nFireworks.ai Privacy Policy\nFireworks.ai FAQ"); e.fill("[name=reason]","Docs equal"); e.click("[name=_save] >> nth=0"); e.wait_for_load_state(); print(main(e)[:200])
        e.goto(L+"change/"); print("DOCS NOW", e.input_value("[name=cell_documents_which]"))
        # state differently, then drop Fireworks provider, docs = Groq's default -> derived
        e.select_option("[name=cell_documents_which]","stated"); e.fill("[name=cell_documents]","Groq Privacy Policy"); e.fill("[name=reason]","Only Groq"); e.click("[name=_save] >> nth=0"); e.wait_for_load_state()
        e.goto(L+"change/"); e.fill("[name=cell_providers]","Groq"); e.fill("[name=reason]","Fireworks leaves"); e.click("[name=_save] >> nth=0"); e.wait_for_load_state(); print(main(e)[:200])
        e.goto(L+"change/"); print("DOCS after provider left", e.input_value("[name=cell_documents_which]"), repr(e.input_value("[name=cell_documents]")))
    except Exception: traceback.print_exc()
    try:
        # undo the last change
        e.goto(B+"/admin/compliance/changeset/"); h=[x.get_attribute("href") for x in e.query_selector_all("#result_list th a") if "/change/" in (x.get_attribute("href") or "")][:2]; print(h)
        e.goto(B+h[0]); t=main(e); print(t[:400]); e.click("text=Undo this change"); e.wait_for_load_state(); print(main(e)[:900]); e.fill("[name=reason]","Undo it"); e.click("[name=_do]"); e.wait_for_load_state(); print(e.url, main(e)[:300])
    except Exception: traceback.print_exc()
    try:
        a=login(br,"approver"); a.set_default_timeout(15000)
        a.goto(B+"/admin/compliance/publication/9/change/"); t=main(a); i=t.find("Withdraw",200); print(t[-1500:]); print([(x.inner_text() or x.get_attribute("value")) for x in a.query_selector_all("#content button, #content input[type=submit]")])
    except Exception: traceback.print_exc()
