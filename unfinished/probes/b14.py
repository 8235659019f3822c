from b7 import *
PW["second"]="hW7-second-pw-99x"
K="26031a9f-f0ff-4c17-a99b-a032551d1629"; M="c51540df-91d5-4c84-8015-cbcaf6fb84f8"
with sync_playwright() as p:
    br=start(p)
    s2=login(br,"second"); s2.set_default_timeout(20000); print(s2.url, main(s2)[:200])
    e=login(br,"editor"); e.set_default_timeout(20000)
    # editor: Mistral Small loses Nebius
    e.goto(B+f"/admin/compliance/listing/{M}/change/"); print([v for v in vals(e) if "documents" in v[0] or "provid" in v[0]])
    e.fill("[name=cell_providers]","Mistral AI"); e.fill("[name=reason]","Nebius is gone for Small"); e.click("[name=_preview]"); e.wait_for_load_state(); t=main(e); i=t.find("What this would change"); print("PREVIEW", t[i:i+800])
    e.click("[name=_save] >> nth=0"); e.wait_for_load_state(); print(main(e)[:300])
    s2.goto(B+f"/admin/compliance/listing/{K}/change/"); s2.fill("[name=cell_models]","Kimi K2\nKimi K2.5"); s2.fill("[name=reason]","Second adds K2.5"); s2.click("[name=_save]"); s2.wait_for_load_state(); print(main(s2)[:300])
    for pg,r in ((e,"Small without Nebius"),(s2,"Kimi K2.5")):
        pg.goto(B+"/admin/compliance/publication/submit/1/"); pg.get_by_role("button",name="Only mine").click(); pg.wait_for_load_state(); print("MINE", [v for v in vals(pg) if v[0]=="parts"]); t=main(pg); i=t.find("Choose what goes in"); print(t[i:i+900])
        for x in pg.query_selector_all("textarea[name^='answer:']"):
            if not x.input_value(): x.fill("Known to us.")
        pg.fill("[name=reason]",r); 
        for g in pg.query_selector_all("input[name^='grade:'][value=neutral]"): g.check()
        pg.get_by_role("button",name="Submit for approval").click(); pg.wait_for_load_state(); print(pg.url, main(pg)[:200])
