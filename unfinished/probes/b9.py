from b7 import *
with sync_playwright() as p:
    br=start(p)
    e=login(br,"editor"); e.set_default_timeout(20000)
    L=B+"/admin/compliance/listing/26031a9f-f0ff-4c17-a99b-a032551d1629/change/"
    e.goto(L); t=e.input_value("[name=cell_providers]"); print(repr(t)); e.fill("[name=cell_providers]", "\n".join(x for x in t.split("\n") if x!="DeepInfra")); e.fill("[name=reason]","DeepInfra stopped serving Kimi K2"); e.click("[name=_save]"); e.wait_for_load_state(); print(e.url, main(e)[:600])
    e.goto(B+"/admin/"); print("DESK", main(e)[:1500])
    e.goto(B+"/admin/compliance/publication/submit/1/"); s=main(e); print(s[:2600]); print([v for v in vals(e) if v[0]=="parts"])
    e.goto(B+"/admin/compliance/publication/submit/1/?only=listing:26031a9f-f0ff-4c17-a99b-a032551d1629"); s=main(e); print("ONLY", s[:1200]); print([v for v in vals(e)])
