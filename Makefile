# Two commands are all the set-up there is: `make demo` and `make test`. Both need Python >= 3.11, Node 20, npm and make.
PYTHON ?= python3
VENV := .venv
BIN := $(CURDIR)/$(VENV)/bin
MARKED := not slow
# Most of a test's time is a kernel's or a page's, which the tests of a file share. The browser's files stay last.
TOGETHER := -n 2 --dist loadfile --no-loadscope-reorder
SOURCES := $(shell find js/src -type f 2>/dev/null)

# What a new machine would otherwise do on the network, or ask of the user.
export MLFLOW_DISABLE_TELEMETRY := true
export LITELLM_LOCAL_MODEL_COST_MAP := True

.PHONY: setup demo test test-fast test-all test-python test-js bench scale matrix types clean

setup: $(VENV)/.installed ipy_llmtrace/static/app.js

$(VENV)/.installed: pyproject.toml | ipy_llmtrace/static/app.js
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python >= 3.11 is needed: make PYTHON=python3.11")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

js/node_modules/.installed: js/package-lock.json
	cd js && npm ci --no-audit --no-fund
	touch $@

ipy_llmtrace/static/app.js: js/node_modules/.installed $(SOURCES)
	cd js && npm run --silent build

demo: setup
	$(BIN)/python notebooks/demo.py

test: setup
	$(MAKE) test-js
	$(MAKE) test-python

test-js: js/node_modules/.installed
	cd js && npm run --silent check && npm test

test-python: setup
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(BIN)/pyright --pythonpath $(BIN)/python
	tests/browser/install-chromium.sh
	$(BIN)/python -m pytest $(TOGETHER) -m '$(MARKED)'

# The short loop: about a minute, without a kernel, a browser, a database or another process.
test-fast: setup
	cd js && npm test
	$(BIN)/python -m pytest $(TOGETHER) -q -m 'not slow and not browser and not notebook and not processes and not database'

test-all: setup
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,integrations]'
	$(MAKE) test-js
	$(MAKE) test-python MARKED='slow or not slow'

bench: setup
	$(BIN)/python tests/bench/bench.py
	$(BIN)/python tests/bench/store.py
	$(BIN)/python tests/bench/view.py
	$(BIN)/python tests/bench/pixels.py
	$(BIN)/python tests/bench/peer.py
	$(BIN)/python tests/bench/redaction.py

scale: setup
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,integrations]'
	PYTHONPATH=tests $(BIN)/python tests/bench/scale.py

matrix: setup
	PYTHONPATH=tests $(BIN)/python tests/matrix/run.py

types: js/node_modules/.installed $(VENV)/.installed
	cd js && PYTHON=$(BIN)/python npm run --silent types

clean:
	rm -rf $(VENV) js/node_modules ipy_llmtrace/static notebooks/out tests/output
