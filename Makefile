# Every target works from a fresh clone with Python >= 3.11, make and pip: .venv is made on first use.
#   make run PYTHON=python3.12     another Python             make test ARGS="-k undo"    a part of the tests
#   make run V=1                   show what pip does

PYTHON ?= python3
ARGS ?=

VENV := .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
PY := $(BIN)/python
PACKAGES := $(VENV)/.packages-installed
SYSTEM := $(VENV)/.system-checked
EXAMPLE := resources/examples/digits-cnn.netsmith
QUIET := $(if $(V),,-q)

OFFSCREEN := QT_QPA_PLATFORM=$${QT_QPA_PLATFORM:-offscreen}
# A display, and nobody who asked Qt to do without.
HAS_DISPLAY := [ "$$QT_QPA_PLATFORM" != offscreen ] && \
	{ [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] || [ "$$OS" = Windows_NT ] || [ "$$(uname)" = Darwin ]; }

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test lint bench screenshots clean

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: $(SYSTEM)  ## Open the window with the digits example; without a display, play the main job off screen into out/
	@if $(HAS_DISPLAY); then $(PY) main.py $(or $(ARGS),$(EXAMPLE)); \
	else QT_QPA_PLATFORM=offscreen $(PY) main.py --demo --out out $(ARGS); fi

# One thread per worker, or the workers fight over the cores.
test: lint $(SYSTEM)  ## Lint, types and all tests, one worker per core
	@$(OFFSCREEN) OMP_NUM_THREADS=1 $(PY) -m pytest -n auto --dist worksteal $(ARGS)

lint: $(PACKAGES)  ## Style, format and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: $(SYSTEM)  ## Measure every promise, as ratios within one run
	@$(OFFSCREEN) $(PY) -m bench $(ARGS)

screenshots: $(SYSTEM)  ## Draw the pictures of the README and the manual anew
	@$(OFFSCREEN) $(PY) -m bench.screenshots $(ARGS)

clean:  ## Remove all that make has made: .venv, caches, out/
	@rm -rf $(VENV) out build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Where the venv module comes without ensurepip (Debian, Ubuntu), the pip outside puts one in.
$(PY):
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Netsmith needs Python 3.11 or newer, but \
	$(PYTHON) is " + sys.version.split()[0] + ". Name another: make PYTHON=python3.12")'
	@echo "Making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv --clear $(VENV) >/dev/null 2>&1 || { $(PYTHON) -m venv --clear --without-pip $(VENV) && \
		$(PYTHON) -m pip $(QUIET) --python $(VENV) install pip; } || { rm -rf $(VENV); exit 1; }

# A torch that is there and in range is kept, whatever build it is: pip replaces only what no longer fits.
$(PACKAGES): pyproject.toml $(PY)
	@echo "Installing what pyproject.toml asks for; the first time this takes some minutes"
	@$(PY) -m pip $(QUIET) --disable-pip-version-check install -e '.[dev]'
	@touch $@

$(SYSTEM): resources/install/system_packages.py $(PACKAGES)
	@$(PY) $<
	@touch $@
