import sys,re
from playwright.sync_api import sync_playwright
CODES=re.findall(r"\d{8}", [l for l in open('/tmp/rev_a/run.log') if re.match(r"\s+\d{8} ",l)][0])
PW=dict(re.findall(r"^  (editor|approver|auditor)\s+(\S+)", open('/tmp/rev_a/run.log').read(), re.M))
B="http://localhost:8471"
FLAGS="--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync".split()
def start(p): return p.chromium.launch(executable_path="/usr/bin/chromium",args=FLAGS)
def login(br,user,code=None):
    import os
    f=f"/tmp/rev_a/state_{user}.json"
    if os.path.exists(f):
        c=br.new_context(storage_state=f); return c.new_page()
    c=br.new_context(); pg=c.new_page(); pg.set_default_timeout(60000)
    pg.goto(B+"/admin/"); pg.fill("[name=login],[name=username]",user); pg.fill("[name=password]",PW[user]); pg.click("[type=submit]:visible >> nth=0")
    pg.wait_for_load_state()
    if code is not None:
        pg.fill("[name=code]",CODES[code]); pg.click("form:has([name=code]) [type=submit] >> nth=0"); pg.wait_for_load_state()
    print(user,pg.url,pg.title()); c.storage_state(path=f); return pg
def text(pg): return re.sub(r"\n\s*\n+","\n",pg.inner_text("body"))
