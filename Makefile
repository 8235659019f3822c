# The environment is made with venv and pip from a lock file with hashes. uv is only needed to write
# the lock file (`make lock`).
PORT ?= 8000
PYTHON ?= python3
PY = .venv/bin/python
APPLICATION = pyproject.toml --extra postgres
LOCKED = --disable-pip-version-check -q install --require-hashes --only-binary :all: -r

# pip's output is shown only if pip fails: on some machines a successful installation prints a
# hundred warnings. The folder gets an old date until pip has succeeded, so that the next make
# repeats an installation that failed or was interrupted.
define install
@test ! -L $@ || { \
    echo "$@ is a link to another environment, which would be emptied. Remove it."; exit 1; }
@echo "Installing the environment $@ (about a minute)…"
@$(PYTHON) -m venv --clear $@
@: >$@/pip.log && touch -d 2000-01-01 $@
@$@/bin/pip $(LOCKED) $< >$@/pip.log 2>&1 || { cat $@/pip.log; exit 1; } >&2
@touch $@
endef

.PHONY: run test test-all check e2e bench sbom audit lock clean

.venv: requirements/dev.txt
	$(install)

.venv-e2e: requirements/e2e.txt
	$(install)

.venv-audit: requirements/audit.txt
	$(install)

# DEMO is set only here. Each start has a new SECRET_KEY, so a restart signs everybody out.
run: export DEMO = True
run: export ALLOWED_HOSTS = 127.0.0.1,localhost
run: export SITE_URL = http://127.0.0.1:$(PORT)
run: .venv
	@$(PY) manage.py migrate -v 0
	@$(PY) manage.py collectstatic --noinput -v 0
	@$(PY) manage.py make_signing_key >/dev/null
	@echo "Compliance registry on http://127.0.0.1:$(PORT)/"
	@echo "To set up a passkey, open it as http://localhost:$(PORT)/: browsers refuse passkeys for an address."
	@$(PY) manage.py demo
	@SECRET_KEY=$$($(PY) -c "import secrets; print(secrets.token_hex(32))") \
	    exec .venv/bin/gunicorn registry.wsgi --bind 127.0.0.1:$(PORT) --workers 2 --threads 4 \
	    --no-control-socket

# Runs the tests that a change is likely to break, in about a minute.
test: .venv
	$(PY) -m pytest -n auto --dist worksteal -m "not slow" $(ARGS)

# Runs all tests, also the slow ones: races, replays, generated pages, whole permission tables.
test-all: .venv
	$(PY) -m pytest -n auto --dist worksteal $(ARGS)

# Checks style, types, layers of imports, migrations, production settings and the API document.
check: export SECRET_KEY = only-for-the-deploy-check-0123456789-abcdefghijklmnopqrstuvwxyz
check: export ALLOWED_HOSTS = privacy.example.com
check: export EMAIL_HOST = mail.example.com
check: export SITE_URL = https://privacy.example.com
check: export SIGNING_KEY_FILE = .venv/signing.key
check: .venv
	@test -z "$$(git ls-files -ci --exclude-standard)" || { \
	    echo "Committed, but named in .gitignore:"; git ls-files -ci --exclude-standard; exit 1; }
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	find templates -name "*.html" -exec .venv/bin/djade --check {} +
	.venv/bin/mypy registry compliance
	.venv/bin/lint-imports
	$(PY) manage.py makemigrations --check --dry-run
	$(PY) manage.py collectstatic --noinput -v 0
	@$(PY) manage.py make_signing_key >/dev/null
	$(PY) manage.py check --deploy --fail-level WARNING
	$(PY) manage.py spectacular --validate --fail-on-warn --file /dev/null

e2e: .venv-e2e
	.venv-e2e/bin/python -m pytest -n auto -m e2e tests/e2e $(ARGS)

# Writes what the application consists of, from its lock file (CycloneDX).
sbom: .venv-audit
	.venv-audit/bin/cyclonedx-py requirements requirements/base.txt -o sbom.json

# Asks the database of known vulnerabilities about the locked packages. Fails if there is one, and if
# it cannot ask: so it is no part of `.ci/run`, which has to pass without that service.
audit: .venv-audit
	.venv-audit/bin/pip-audit --strict --require-hashes --disable-pip -r requirements/base.txt

bench: .venv
	$(PY) -m bench.scale
	$(PY) -m bench.verified_record
	$(PY) -m bench.answered
	$(PY) -m bench.grown_store
	$(PY) -m bench.seen_everywhere
	$(PY) -m bench.asked_queries
	$(PY) -m bench.hostile_text

lock:
	for lock in "base:$(APPLICATION)" "sso:$(APPLICATION) --extra sso" \
	    "dev:$(APPLICATION) --extra sso --group dev" \
	    "e2e:$(APPLICATION) --extra sso --group dev --group e2e" "audit:--group audit"; do \
	    uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
	        --no-strip-extras $${lock#*:} -o requirements/$${lock%%:*}.txt; done
