# The commands of the house.  Each prepares what it needs, and only when it is missing.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/bash
# The tests start the box and the hub hundreds of times: nothing is to be compiled anew at each.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MUSIC ?=
PROGRAM ?=
STATE ?= .state
# Tests that play or show, each with a sound server or a display of its own, at once; and slow ones, which wait for a third of their time.
EARS ?= $(shell nproc)
SLOW ?= $(shell expr $$(nproc) + 1)
# Stories in virtual machines, at once: as many as memory and processors allow.
MACHINES ?= auto
# The short choice of them may take so many times as long as they state.  make test begins with them only within so many
# seconds of its own begin, and breaks them off after so many, as time is limited where it runs.
PATIENCE ?= 3
VENUE_UNTIL_S ?= 2700
TEST_MAY_TAKE_S ?= 3300
PROFILE ?= x86-64
SOAK_MINUTES ?= 30
LIVE_SOAK_MINUTES ?= 15
KILLS ?= 1000
STORAGE_KILLS ?= 2000
CUTS ?= 200
FUZZ_SECONDS ?= 300

TO_IMAGE := mmdebstrap debian-archive-keyring squashfs-tools mtools dosfstools fdisk kmod cpio systemd
TO_EMULATE := qemu-user-static binfmt-support arch-test
TO_RUN := libmpv2 mpv fonts-dejavu-core ffmpeg pulseaudio util-linux
TO_TEST := $(TO_RUN) $(TO_IMAGE) pulseaudio-utils postgresql openssh-client openssh-server udev fuse3 e2fsprogs nats-server tinyproxy-bin xvfb x11-xserver-utils v4l-utils zbar-tools qemu-system-x86 qemu-utils seabios ipxe-qemu
TO_VENUE := $(TO_TEST) ovmf exfatprogs
TO_BENCH := $(TO_TEST) mpd mpc liquidsoap curl aria2 vlc-bin vlc-plugin-base vlc-plugin-video-output
TO_SOAK := $(TO_TEST) asc-music singularity-music

# What belongs to root is made by root.
SUDO := $(if $(filter-out 0,$(shell id -u)),sudo env PYTHONDONTWRITEBYTECODE=1)
BEGAN := $(shell date +%s)
IMAGE_OF := $(shell find easyplayer image systemd -type f -not -name '*.pyc') circus.ini run.py setup.cfg pyproject.toml
NATIVE := $(subst aarch64,arm64,$(subst x86_64,x86-64,$(shell uname -m)))
VENUE_IMAGE := build/image/x86-64/easyplayer.img
STORIES := -n $(MACHINES) --dist load --maxschedchunk=1 --reruns 1

help: ## tell what there is
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' Makefile | expand -t 24

run: $(VENV)/.run ## play: your music with MUSIC="PATH ...", by a program with PROGRAM=FILE, else the sample venue from a hub
	$(if $(PROGRAM)$(MUSIC),$(BIN)/easyplayer --state $(STATE) $(if $(PROGRAM),--program $(PROGRAM),--music $(MUSIC)),$(BIN)/easyplayer-hub try --state $(STATE))

test: check ## lint, types, fast tests, all that plays real sound and shows real pictures, and a few stories of the venue
	$(BIN)/pytest -n $(EARS) --dist load --maxschedchunk=1 -m "(sound or process or screen) and not venue" --reruns 2
	$(BIN)/pytest -n $(SLOW) --dist worksteal -m "slow and not sound and not process and not screen and not venue" --reruns 2
	$(call within_the_time,$(MAKE) venue-short)

venue-short: $(VENV)/.test apt-venue ## build the appliance where it is out of date, and play the shortest of its stories
	$(if $(EASYPLAYER_VENUE_IMAGE),,@! $(SUDO) $(BIN)/python -m image.able || $(MAKE) -s $(VENUE_IMAGE))
	EASYPLAYER_VENUE_PATIENCE=$(PATIENCE) $(BIN)/pytest tests/venue tests/image $(STORIES) -m venue_short

venue: $(VENV)/.test apt-venue ## boot the appliance as a virtual box, do to it all that happens in a bar, and listen
	$(if $(EASYPLAYER_VENUE_IMAGE),,@$(MAKE) -s $(VENUE_IMAGE))
	rm -rf build/venue/reports
	$(BIN)/pytest tests/venue tests/image $(STORIES) -m venue

check: $(VENV)/.test ## the everyday part: lint, types, fast tests
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/pytest -n auto --dist worksteal -m "not sound and not process and not screen and not slow and not venue"

bench: $(VENV)/.test apt-bench ## measure the box beside its peers, and write docs/benchmarks
	$(BIN)/python -m bench.venue_bench

bench-playout: $(VENV)/.test ## measure what decides: rotation up to 100,000 songs, and a simulated year
	$(BIN)/python -m bench.rotation_bench
	$(BIN)/python -m bench.simulate_bench

bench-hub: $(VENV)/.test ## measure the hub: what heartbeats cost, and a fleet of 10,000 boxes
	$(BIN)/python -m bench.heartbeat_bench
	$(BIN)/python -m bench.fleet --both

bench-live: $(VENV)/.test ## measure the live channel beside python-engineio and the reference server from npm
	$(BIN)/python -m bench.live_bench

bench-live-fleet: $(VENV)/.test ## measure 2,000 boxes with lines through restarts, 5,000 lines, and buses that are away (an hour)
	$(BIN)/python -m bench.live_fleet
	$(BIN)/python -m bench.live_hold
	$(BIN)/python -m bench.live_buses

bench-storage: $(VENV)/.test apt-bench ## measure the storage: 100,000 media, and downloads beside curl and aria2c
	$(BIN)/python -m bench.media_bench
	$(BIN)/python -m bench.download_bench

bench-screen: $(VENV)/.test apt-bench ## measure the screen beside bare mpv and VLC: processor time, memory, and how long a change takes
	$(BIN)/python -m bench.screen_bench

soak: $(VENV)/.test apt-soak ## play real music for SOAK_MINUTES=30 with skips and volume changes
	$(BIN)/python -m bench.soak --minutes $(SOAK_MINUTES)

live-soak: $(VENV)/.test ## cut, stall, watch and command lines for LIVE_SOAK_MINUTES=15; nothing may stay behind
	$(BIN)/python -m bench.live_soak --minutes $(LIVE_SOAK_MINUTES)

kills: $(VENV)/.test ## take the power from a box and its hub KILLS=1000 times, and compare what was heard with both logs
	$(BIN)/python -m bench.kills --kills $(KILLS)

storage-kills: $(VENV)/.test ## take the power from a box STORAGE_KILLS=2000 times while it fetches, switches and tidies up
	$(BIN)/python -m bench.storage_kills --kills $(STORAGE_KILLS)

lost-writes: $(VENV)/.test ## pull the plug CUTS=200 times from a disk that loses writes, as root; start a box on what is left of it
	$(SUDO) $(BIN)/python -m bench.lost_writes --cuts $(CUTS)

fuzz: $(VENV)/.test ## search for input that breaks the pure parts, for long; the live channel's core for FUZZ_SECONDS=300
	$(BIN)/pytest -n auto --dist worksteal -m "not sound and not process and not screen and not venue" --hypothesis-profile=fuzz
	$(BIN)/python -m tests.engineio.core.fuzz_core --seconds $(FUZZ_SECONDS)

autobahn: $(VENV)/.test ## let Autobahn's fuzzers loose on the live channel's WebSockets (needs a Python 2.7: PYTHON2=PATH)
	$(BIN)/python -m tests.engineio.autobahn

image: $(VENV)/.run apt-image $(if $(filter-out $(NATIVE),$(PROFILE)),apt-emulate) ## build the appliance's disk into build/image, as root: PROFILE=x86-64, FRESH=1 with Debian's updates
	$(call build_image,$(PROFILE),$(if $(FRESH),--fresh))

docs: $(VENV)/.docs ## build the documentation into docs/_build/html
	$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build/html
	@echo "open docs/_build/html/index.html"

clean: ## take away what these commands have made
	$(if $(wildcard build/image),$(SUDO)) rm -rf build
	rm -rf $(VENV) .state docs/_build dist *.egg-info

# Do $(1), the last of what make test does, as far as there is time for it.
define within_the_time
@passed=$$(($$(date +%s) - $(BEGAN))); \
[ $$passed -le $(VENUE_UNTIL_S) ] || { echo "== left out, as the rest took $$passed s: $(1)"; exit 0; }; \
timeout --signal=INT --kill-after=60 $$(($(TEST_MAY_TAKE_S) - passed)) $(1) || { code=$$?; \
    case $$code in 124 | 137) echo "== broken off, as time is up: $(1)" ;; *) exit $$code ;; esac; }
endef

# -- set-up -----------------------------------------------------------------------------------------

# Install the Debian packages among $(1) that are missing; say so first.
define install
	@missing=$$(for name in $(1); do dpkg-query -W -f='$${Status}' $$name 2>/dev/null \
	    | grep -q "ok installed" || echo $$name; done); \
	[ -z "$$missing" ] && exit 0; \
	echo "== installing from Debian:" $$missing; \
	sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	if [ -n "$$sudo" ] && ! command -v sudo >/dev/null; then \
	    echo "not root and no sudo: as root, run  apt-get install" $$missing >&2; exit 1; fi; \
	$$sudo apt-get update -q && \
	$$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $$missing
endef

# Make the virtual environment, and install the package with the extras $(1) into it.
# setuptools leaves again: circuits would load all of it (5 MB and 80 ms at each start).
define furnish
	@echo "== installing the Python packages into $(VENV)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo "$(PYTHON) is too old: install Python 3.11 or later, or name one with PYTHON=" >&2; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install -q --disable-pip-version-check --root-user-action=ignore -e '.$(1)'
	@$(BIN)/pip uninstall -q -y --root-user-action=ignore setuptools 2>/dev/null || true
	@touch $@
endef

# Build the image of the profile $(1); what lies beside it, such as reports, stays ours.
define build_image
	@mkdir -p build
	$(SUDO) $(BIN)/python -m image.build --profile $(1) $(2)
endef

apt-python:
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || $(MAKE) -s apt-venv
apt-venv:
	$(call install,python3 python3-venv)
apt-image:
	$(call install,$(TO_IMAGE))
apt-emulate:
	$(call install,$(TO_EMULATE))
apt-run:
	$(call install,$(TO_RUN))
apt-test:
	$(call install,$(TO_TEST))
apt-venue:
	$(call install,$(TO_VENUE))
apt-bench:
	$(call install,$(TO_BENCH))
apt-node:
	@command -v node >/dev/null && command -v npm >/dev/null || $(MAKE) -s apt-npm
apt-npm:
	$(call install,nodejs npm)
apt-soak:
	$(call install,$(TO_SOAK))

build/image/%/easyplayer.img: $(IMAGE_OF) | $(or $(wildcard $(VENV)/.test),$(VENV)/.run) apt-image
	$(call build_image,$*)

$(VENV)/.run: setup.cfg pyproject.toml | apt-python apt-run
	$(call furnish,[hub])
$(VENV)/.test: setup.cfg pyproject.toml | apt-python apt-test apt-node
	$(call furnish,[dev])
$(VENV)/.docs: setup.cfg pyproject.toml | apt-python apt-run
	$(call furnish,[docs])

.PHONY: help run image test venue venue-short check bench bench-playout bench-hub bench-live bench-live-fleet bench-storage bench-screen soak live-soak kills storage-kills lost-writes fuzz autobahn docs clean apt-python apt-venv apt-image apt-emulate apt-run apt-test apt-venue apt-bench apt-node apt-npm apt-soak
