# Everything that a developer or CI does is a target here; `make` alone lists them.

PYTHON ?= python3
PORT ?= 8000
PY := .venv/bin/python
# pip stays outside the venv: Debian's python3 comes without ensurepip, which a venv of its own would need.
INSTALL := $(PYTHON) -m pip --python $(PY) --disable-pip-version-check install --quiet --require-hashes

.DEFAULT_GOAL := help
.PHONY: help run test stress check audit lock bench clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 16

run: .venv/run ## the site on http://localhost:8000, with everything that it needs; PORT=8001 for another port
	@DEBUG="$${DEBUG-1}" exec $(PY) manage.py serve --demo --port $(PORT)

test: .venv/dev .venv/browser .venv/nginx .venv/commonmark ## every test, on a real PostgreSQL, in a real browser and behind nginx; ARGS="-k slug" for some
	@exec $(PY) -m pytest -n 2 $(ARGS)

stress: .venv/dev ## the long forms of the tests: the log under fire, bad input, live pages, full disks (20 minutes); ARGS="-k crash" for some
	@exec $(PY) -m pytest -p no:randomly --stress tests/fire tests/corpus tests/live tests/surroundings tests/browser/test_live_chaos.py tests/blog/test_bombs.py $(ARGS)

check: .venv/dev ## format, lint, types, layers, templates, migrations, deployment, lock files
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) requirements/lock.py --check
	.venv/bin/lint-imports --no-logo
	$(PY) -m mypy
	.venv/bin/basedpyright
	find templates -name '*.html' -exec .venv/bin/djade --check --target-version 5.2 {} +
	DEBUG=1 $(PY) manage.py makemigrations --check --dry-run
	$(IN_PRODUCTION) $(PY) manage.py check --deploy --fail-level WARNING

audit: .venv/dev ## ask whether anything that we depend on has a published weakness (asks the internet)
	.venv/bin/pip-audit --strict --disable-pip --require-hashes -r requirements/dev.txt

lock: .venv/dev ## lock pyproject.toml's dependencies anew; ARGS=--upgrade for newer versions
	$(PY) requirements/lock.py $(ARGS)

bench: .venv/dev ## measure the engine against plain ways to do the same (10 minutes); ARGS=--quick, ARGS=--help
	@exec $(PY) -m bench $(ARGS)

clean: ## remove the venv and the caches; the database in var/ stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

IN_PRODUCTION := SECRET_KEY=for-this-check-only-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFG \
	ALLOWED_HOSTS=conduit.example ALLOWED_ORIGINS=https://conduit.example \
	TRUSTED_PROXIES=127.0.0.1 EMAIL_URL=smtp://mail.example:587 \
	DATABASE_URL=postgres://conduit@db.example/conduit DATABASE_OWNER_URL=postgres://owner@db.example/conduit

.venv/python:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Conduit needs Python 3.11 or newer.")'
	@$(PYTHON) -m pip --version > /dev/null || { echo "Conduit is installed by pip: apt-get install python3-pip"; exit 1; }
	$(PYTHON) -m venv --without-pip .venv
	@touch $@

.venv/run: requirements/run.txt .venv/python
	$(INSTALL) -r $<
	@touch $@

.venv/dev: requirements/dev.txt .venv/run
	$(INSTALL) -r $<
	@touch $@

.venv/browser: .venv/dev
	.ci/browser
	@touch $@

.venv/nginx: .ci/nginx .venv/python
	.ci/nginx
	@touch $@

.venv/commonmark: .ci/commonmark .venv/python
	.ci/commonmark
	@touch $@
