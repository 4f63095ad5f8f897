# What to type. `make` alone lists the targets.
.DEFAULT_GOAL := help
.PHONY: help setup build release run test bench bench-scale lint module clean

RELEASE := -c release --static-swift-stdlib

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup:  ## install what is missing (apt, .venv) and generate the C of proto/
	@scripts/setup.sh

build: setup  ## debug build of everything
	swift build --build-tests

release: setup  ## .build/release/fairlead, Swift's own library linked in
	swift build $(RELEASE) --product fairlead

run: release  ## Fairlead, an Envoy and a few services on this machine, to try with curl
	@python3 scripts/demo.py --binary .build/release/fairlead

test: setup  ## all tests
	swift test

module: setup  ## one module and its tests: make module M=HTTP2
	@test -n "$(M)" || { echo 'which one? make module M=HTTP2' >&2; exit 2; }
	FAIRLEAD_MODULE=$(M) swift test

bench: setup  ## the benchmarks, in a release build
	swift build $(RELEASE) --product fairlead
	swift build $(RELEASE) --product benchmarks
	.build/release/benchmarks

bench-scale: setup  ## what costs follow, beside its targets; ROWS='gateways idle' for some of it
	swift build $(RELEASE) --product fairlead
	swift build $(RELEASE) --product benchmarks
	.build/release/benchmarks scale $(ROWS)

lint:  ## swift format, strictly
	swift format lint --strict --parallel --recursive Package.swift Sources Tests

clean:  ## remove what was built; .venv and packages stay
	rm -rf .build generated
