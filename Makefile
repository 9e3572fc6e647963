PYTHON ?= python3
VENV_PYTHON = .venv/bin/python

.PHONY: run test test-long bench bundle lint

# make bundle PLATFORM=linux PYTHON_VERSION=3.11 INSTALLER=python-3.13.9-amd64.exe
PLATFORM ?= windows
PYTHON_VERSION ?= 3.13
INSTALLER ?=

run:
	$(PYTHON) start.py run

test:
	$(PYTHON) start.py test

test-long:
	$(PYTHON) start.py test -- -m long

bench:
	$(PYTHON) start.py setup
	$(VENV_PYTHON) -m benchmarks.rivals
	$(VENV_PYTHON) -m benchmarks

bundle:
	$(PYTHON) start.py setup
	$(VENV_PYTHON) bundle.py --system $(PLATFORM) --python $(PYTHON_VERSION) $(if $(INSTALLER),--installer $(INSTALLER))

lint:
	$(PYTHON) start.py setup
	$(VENV_PYTHON) -m ruff check .
