from b7 import *
O="79c23d70-484f-41ed-8272-cd66e49567ad"
with sync_playwright() as p:
    br=start(p); e=login(br,"editor"); e.set_default_timeout(20000)
    L=B+f"/admin/compliance/listing/{O}/"
    e.goto(L+"change/"); print(e.eval_on_selector("[name=cell_documents_which]","s=>[...s.options].map(o=>[o.value,o.text])"), vals(e)[:12])
    o=[x for x in e.eval_on_selector("[name=cell_documents_which]","s=>[...s.options].map(o=>o.value)") if x]
    e.select_option("[name=cell_documents_which]",o[0]); e.fill("[name=cell_documents]","Groq Privacy Policy"); e.fill("[name=reason]","Only Groq's"); e.click("[name=_save] >> nth=0"); e.wait_for_load_state(); print(main(e)[:500])
    e.goto(L+"acts/alike/"); print("ALIKE", main(e)[:900], vals(e))
    e.fill("textarea[name=models], textarea[name*=model]","Zed 1"); 
    f=[v[0] for v in vals(e) if "provid" in v[0]]; print(f)
    e.fill(f"textarea[name={f[0]}]","Cerebras"); e.click("[name=_preview]"); e.wait_for_load_state(); t=main(e); i=t.find("What this would change"); print("ALIKE PREVIEW", t[i:i+1200]); j=t.find("As it will be printed"); print(t[j:j+400])
    e.goto(L+"acts/split/"); print("SPLIT", vals(e))
    c=[v for v in vals(e) if isinstance(v[1],tuple)]; e.check(f"input[name={c[-1][0]}][value='{c[-1][1][0]}']")
    f=[v[0] for v in vals(e) if "provid" in v[0]]; e.fill(f"textarea[name={f[0]}]","Fireworks.ai"); e.click("[name=_preview]"); e.wait_for_load_state(); t=main(e); i=t.find("What this would change"); print("SPLIT PREVIEW", t[i:i+900]); j=t.find("As it will be printed"); print(t[j:j+500])
