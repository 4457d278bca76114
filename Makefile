# `make course` sets everything up and runs the tour; `make test` runs what continuous integration runs.
# Relative paths only: the folder may have spaces in its name. Recipes are plain POSIX sh.

VENV := .venv
SITE_VENV := build/site-venv
BENCH_VENV := build/bench-venv
AUDIT_VENV := build/audit-venv
PY := $(VENV)/bin/python
INSTALLED := $(VENV)/requirements.installed
EXTRAS_INSTALLED := $(VENV)/requirements-extra.installed
FIRST_NOTEBOOK := notebooks/00_start_here.ipynb
NBVAL := $(PY) -m pytest --nbval-lax --nbval-current-env --nbval-cell-timeout=300 --durations=0
LAB_FLAGS ?=

export HF_HUB_DISABLE_TELEMETRY := 1
export TOKENIZERS_PARALLELISM := false

# The built-in models need no network once prepared; a model of the learner's own may have to be fetched.
ifeq ($(strip $(COURSE_CHAT_MODEL)),)
OFFLINE := HF_HUB_OFFLINE=1 TRANSFORMERS_OFFLINE=1 HF_DATASETS_OFFLINE=1
endif

.DEFAULT_GOAL := course
.NOTPARALLEL:
.PHONY: course lab test prepare tour report clean help setup extras check test-unit test-faults test-notebooks \
        test-browser preflight handout slides workshop site bench bench-rival audit audit-tools lock

course: check tour
	@if [ ! -t 1 ]; then \
	  echo "Everything is ready. Open the notebooks with: make lab"; \
	elif [ "$$(id -u)" = 0 ] && [ -z "$(LAB_FLAGS)" ]; then \
	  echo "Everything is ready. JupyterLab does not start as root: make lab LAB_FLAGS=--allow-root"; \
	else \
	  $(OFFLINE) $(PY) -m jupyterlab $(LAB_FLAGS) $(FIRST_NOTEBOOK); \
	fi

lab: prepare
	@$(OFFLINE) $(PY) -m jupyterlab $(LAB_FLAGS) $(FIRST_NOTEBOOK)

# A damaged model is the one failure that the course can mend by itself, so `prepare` has one try.
check: setup
	@$(PY) -m course_lib check-env || { \
	  echo "Something is not right. Preparing the models again, which mends damaged files:"; \
	  $(PY) -m course_lib prepare && $(PY) -m course_lib check-env; }

prepare: setup
	@echo "Preparing the models: about 2 minutes and 0.6 GB the first time, seconds later"
	@$(PY) -m course_lib prepare

tour: prepare
	@echo "Running the tour: about 1 minute once the documents are indexed"
	@$(OFFLINE) $(PY) -m course_lib tour

report: prepare
	@$(OFFLINE) $(PY) -m course_lib report

test: test-unit test-faults test-notebooks
	@echo "All stages passed."

test-unit: prepare extras
	@echo "== Unit tests"
	@$(OFFLINE) $(PY) -m pytest tests/unit

test-faults: prepare
	@echo "== Faults: no network, full disk, damaged files, killed processes, Ctrl-C (about 3 minutes)"
	@$(OFFLINE) $(PY) -m pytest tests/faults

test-notebooks: prepare
	@set -- tests/notebooks/test_*.py; if [ -e "$$1" ]; then \
	  echo "== Notebooks: structure"; \
	  $(OFFLINE) $(PY) -m pytest tests/notebooks; \
	fi
	@set -- notebooks/*.ipynb; if [ -e "$$1" ]; then \
	  echo "== Notebooks: every cell runs, and marked outputs are compared (about 12 minutes)"; \
	  $(OFFLINE) $(NBVAL) notebooks; \
	fi

# Not part of `make test`: it needs the system's Chromium.
test-browser: prepare
	@$(PY) -m pip install --quiet -r requirements-browser.txt
	@echo "== Browser: JupyterLab in a real Chromium (about 5 minutes)"
	@$(OFFLINE) $(PY) -m pytest tests/browser

# The machine must be idle: all but the search measure clock time, and refuse to store what a busy machine gives.
bench: prepare extras
	@echo "== Benchmarks, one after the other: about three quarters of an hour on two idle cores"
	@echo "== The tour, and all notebooks (about 13 minutes)"
	@$(OFFLINE) $(PY) -m tests.benchmarks.course
	@echo "== Memory, and the seconds to the first answer (about 2 minutes)"
	@$(OFFLINE) $(PY) -m tests.benchmarks.memory
	@echo "== Answering (about 2 minutes, and 2 more with llama.cpp, which make bench-rival installs)"
	@$(OFFLINE) $(PY) -m tests.benchmarks.answering
	@echo "== Training against transformers.Trainer (about 4 minutes)"
	@$(OFFLINE) $(PY) -m tests.benchmarks.training
	@echo "== What bfloat16 gains and changes (about 2 minutes)"
	@$(OFFLINE) $(PY) -m tests.benchmarks.number_types
	@echo "== How answering and training grow (about 5 minutes)"
	@$(OFFLINE) $(PY) -m tests.benchmarks.growth
	@echo "== How search grows (about 10 minutes)"
	@$(OFFLINE) $(PY) -m tests.benchmarks.search

# llama.cpp for the answering benchmark, compiled with the instructions of this processor, as fast as it can be. Its
# AMX kernels are left out: with this model they crash.
bench-rival: setup
	@if ! cmp -s requirements-bench.txt $(BENCH_VENV)/requirements.installed; then \
	  echo "Compiling llama.cpp: about a quarter of an hour on two cores, once"; \
	  if [ "$$(uname -m)" = x86_64 ]; then no_amx="-mno-amx-tile -mno-amx-int8"; fi; \
	  $(PY) -m venv --clear $(BENCH_VENV) && \
	  CFLAGS="$$no_amx" CXXFLAGS="$$no_amx" \
	  CMAKE_ARGS="-DCMAKE_BUILD_TYPE=Release -DGGML_NATIVE=ON -DLLAVA_BUILD=OFF" \
	    $(BENCH_VENV)/bin/python -m pip install --quiet --no-cache-dir --no-binary llama-cpp-python -r requirements-bench.txt || { \
	    echo "It was not installed. It needs the network, cmake and a C++ compiler." >&2; exit 1; }; \
	  cp requirements-bench.txt $(BENCH_VENV)/requirements.installed; \
	fi
	@$(BENCH_VENV)/bin/python -c "import llama_cpp; print('llama-cpp-python', llama_cpp.__version__, 'is ready: make bench')"

# Not part of `make test`: what is known of the packages changes from day to day, and has to be fetched.
audit: audit-tools
	@$(PY) -m tests.security.audit $(AUDIT_VENV)/bin

# Needs a package index that offers the CPU build of torch, as requirements.lock names it.
lock: audit-tools
	@rm -rf build/lock; torch=$$(sed -n "s/^torch==//p" requirements.txt); \
	$(AUDIT_VENV)/bin/python -m pip download --quiet --no-deps --only-binary=:all: --python-version 3.11 \
	  --platform manylinux_2_28_x86_64 --dest build/lock "torch==$$torch+cpu" && \
	sed "s/^torch==.*/&+cpu/" requirements.txt > build/lock/requirements.in && \
	$(AUDIT_VENV)/bin/uv pip compile --quiet --generate-hashes --python-version 3.11 \
	  --python-platform x86_64-unknown-linux-gnu --find-links build/lock --no-emit-find-links --no-annotate --no-header \
	  --output-file build/lock/pins build/lock/requirements.in > /dev/null && { \
	  echo "# Every package with its SHA-256, for Linux on x86-64 and Python 3.11. Written by: make lock"; \
	  echo "# torch is the CPU build: the plain one would bring several GB of GPU packages that the course does not use."; \
	  cat build/lock/pins; } > build/lock/whole && mv build/lock/whole requirements.lock

audit-tools: setup
	@if ! cmp -s requirements-audit.txt $(AUDIT_VENV)/requirements.installed; then \
	  echo "Installing what audits and locks: under a minute, once"; \
	  $(PY) -m venv --clear $(AUDIT_VENV) && \
	  $(AUDIT_VENV)/bin/python -m pip install --quiet -r requirements-audit.txt || { \
	    echo "Installing failed. Check the network and run make again." >&2; exit 1; }; \
	  cp requirements-audit.txt $(AUDIT_VENV)/requirements.installed; \
	fi

preflight: setup
	@$(PY) -m course_lib preflight

handout: setup
	@$(PY) -m course_lib handout

slides: setup
	@$(PY) -m course_lib slides

workshop: setup
	@$(PY) -m course_lib.teaching.workshop

# Sphinx needs an environment of its own: it wants another docutils than `diagnose`.
site: setup
	@if ! cmp -s requirements-site.txt $(SITE_VENV)/requirements.installed; then \
	  echo "Installing what builds the site: about a minute, once"; \
	  $(PY) -m venv --clear $(SITE_VENV) && $(SITE_VENV)/bin/python -m pip install --quiet -r requirements-site.txt || { \
	    echo "Installing failed. Check the network and run make again." >&2; exit 1; }; \
	  cp requirements-site.txt $(SITE_VENV)/requirements.installed; \
	fi
	@rm -rf build/site && $(PY) -m course_lib.teaching.site build/site-source
	@$(SITE_VENV)/bin/python -m sphinx -b html -W --keep-going -q build/site-source build/site
	@$(PY) -m course_lib.teaching.site_check build/site

# Makes .venv if it is missing or broken, and installs when requirements.txt differs from what was installed.
setup:
	@if ! $(PY) -c "" 2>/dev/null; then \
	  found=; \
	  for python in python3.11 python3.12 python3.13 python3; do \
	    if $$python -c "import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))" 2>/dev/null; then \
	      found=$$python; break; \
	    fi; \
	  done; \
	  if [ -z "$$found" ]; then \
	    echo "No Python 3.11, 3.12 or 3.13 was found. Install one (3.11 is the reference) and run make again." >&2; \
	    exit 1; \
	  fi; \
	  echo "Making $(VENV) with $$found: a few seconds"; \
	  $$found -m venv --clear $(VENV) || { \
	    rm -rf $(VENV); \
	    echo "$$found cannot make environments. On Debian or Ubuntu: sudo apt install $$found-venv" >&2; \
	    exit 1; }; \
	fi
	@if ! cmp -s requirements.txt $(INSTALLED); then \
	  echo "Installing packages: about 3 minutes and 2 GB, once"; \
	  $(PY) -c "import pip" 2>/dev/null || $(PY) -m ensurepip >/dev/null || exit 1; \
	  torch=$$(sed -n "s/^torch==//p" requirements.txt); \
	  if [ "$$(uname -s)" = Linux ] && ! $(PY) -c "import importlib.metadata as packages, sys; \
	sys.exit(packages.version('torch').split('+')[0] != '$$torch')" 2>/dev/null; then \
	    $(PY) -m pip install --quiet --timeout 15 --retries 0 "torch==$$torch+cpu" 2>/dev/null || \
	    echo "The small CPU build of torch is not on offer here, so the plain one is installed." \
	      "On Linux it brings several GB of GPU packages; the course does not use them."; \
	  fi; \
	  $(PY) -m pip install --quiet -r requirements.txt || { \
	    echo "Installing failed. Check the network and the free space, and run make again." >&2; exit 1; }; \
	  $(PY) -c "import os, sysconfig; site = sysconfig.get_path('purelib'); \
	open(os.path.join(site, 'course.pth'), 'w').write(os.path.relpath('.', site) + '\n')" || exit 1; \
	  cp requirements.txt $(INSTALLED); \
	fi

# The optional packages are part of what is tested.
extras: setup
	@if ! cmp -s requirements-extra.txt $(EXTRAS_INSTALLED); then \
	  echo "Installing the optional packages: under a minute, once"; \
	  $(PY) -m pip install --quiet -r requirements-extra.txt || { \
	    echo "Installing failed. Check the network and the free space, and run make again." >&2; exit 1; }; \
	  cp requirements-extra.txt $(EXTRAS_INSTALLED); \
	fi

clean:
	@rm -rf .pytest_cache .ruff_cache .hypothesis .coverage build dist ./*.egg-info
	@find course_lib tests notebooks -type d \( -name __pycache__ -o -name .ipynb_checkpoints \) -prune -exec rm -rf {} +
	@echo "Removed what running leaves behind. $(VENV) and the models stay."

help:
	@echo "make course    set up, check, prepare the models, run the tour, open JupyterLab (the default)"
	@echo "make lab       open JupyterLab again"
	@echo "make test      everything continuous integration runs"
	@echo "make prepare   fetch, verify and convert the models"
	@echo "make tour      the five assistants side by side"
	@echo "make report    write the report"
	@echo "make test-browser   the notebooks in JupyterLab in a real browser; needs Chromium"
	@echo "make bench     speed, memory and growth; about half an hour on an idle machine"
	@echo "make bench-rival    llama.cpp, which make bench then compares with"
	@echo "make audit     known weaknesses of the packages, and risky code; needs the network"
	@echo "make lock      write requirements.lock again"
	@echo "make preflight check a laptop in seconds"
	@echo "make handout   a copy for learners, without solutions"
	@echo "make slides    slides of every notebook"
	@echo "make workshop  write INSTRUCTORS.md and the hub's files again"
	@echo "make site      the web edition, in build/site"
	@echo "make clean     remove what running leaves behind; keeps $(VENV) and the models"
