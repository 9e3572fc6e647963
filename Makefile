PYTHON ?= python3
VENV_PYTHON = .venv/bin/python

.PHONY: run test test-long bench lint

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

lint:
	$(PYTHON) start.py setup
	$(VENV_PYTHON) -m ruff check .
