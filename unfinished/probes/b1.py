from b0 import *
with sync_playwright() as p:
    br=start(p)
    e=login(br,"editor"); e.goto(B+"/admin/"); print(text(e)[:3500])
    a=login(br,"approver",0); a.goto(B+"/admin/"); print(text(a)[:1500])
