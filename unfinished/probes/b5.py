from b3 import *
with sync_playwright() as p:
    br=start(p); U=B+"/admin/compliance/publication/2/change/"
    a=login(br,"approver"); a.goto(U); print(fields(a)); print([(x.inner_text() or x.get_attribute("value"), x.get_attribute("name"), x.get_attribute("formaction")) for x in a.query_selector_all("#content button, #content input[type=submit]")])
    s=main(a); i=s.find("Comments\nNobody"); print(s[i:i+700]); print(s[-900:])
    print([o.inner_text() for o in a.query_selector_all("#content select option")])
