from b0 import *
with sync_playwright() as p:
    br=start(p)
    e=login(br,"editor"); e.goto(B+"/admin/compliance/footnote/"); 
    print([ (a.inner_text(),a.get_attribute("href")) for a in e.query_selector_all("#result_list a")][:30])
    e.goto(B+"/admin/compliance/listing/"); print(text(e)[-3000:]); 
    L=[ (a.inner_text(),a.get_attribute("href")) for a in e.query_selector_all("#result_list th a")]; print(L)
    e.goto(B+L[0][1]); print(text(e)[:4000]); print([(a.inner_text(),a.get_attribute("href")) for a in e.query_selector_all("#content a")][:60])
    print([(i.get_attribute("name"),i.get_attribute("type")) for i in e.query_selector_all("#content form [name]")])
