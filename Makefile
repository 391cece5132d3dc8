# SPDX-License-Identifier: Apache-2.0
# Short names for what scripts/ and the CMake presets do. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help setup build bundle demo serve test train soak quality quality-publish bench bench-peers golden deploy-tools deploy-test image image-test lint lint-all format tsan asan fuzz thread-safety clean

PHOTOS ?=
ANNOTATIONS ?=
MINUTES ?= 10
TARGET ?=
RECIPE ?=
ARGS ?=

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what is missing: Debian packages, .venv, test tools
	@scripts/setup --checks

build: ## build everything, Release, into build/release
	@scripts/setup --checks
	@scripts/build release

bundle: ## assemble the default bundle into build/bundles/coco-135m
	@scripts/setup
	@scripts/bundle

demo: ## from nothing to annotated photos and an answer
	@scripts/demo

serve: ## run the server in the foreground (ARGS='--set a.b=c')
	@scripts/serve $(ARGS)

test: ## build and run every test (ARGS='-L fast' for a part)
	@scripts/test $(ARGS)

soak: ## a server under clients of every kind for a while (MINUTES=10)
	@MINUTES="$(MINUTES)" scripts/soak $(ARGS)

train: ## train what a recipe says (RECIPE=file.yaml; without: the shipped adapters)
	@scripts/train $(RECIPE) $(ARGS)

quality: ## measure through the server (PHOTOS=folder ANNOTATIONS=instances.json)
	@scripts/quality "$(PHOTOS)" "$(ANNOTATIONS)" $(ARGS)

quality-publish: ## put the last `make quality`'s tables into README.md and the model card
	@scripts/setup --checks
	@.venv/bin/python tests/quality/reporting/publish.py $(ARGS)

bench: ## measure speed, this project alone (ARGS=--quick for a first look)
	@scripts/bench $(ARGS)

bench-peers: ## measure speed beside llama.cpp, ONNX Runtime, OpenVINO and a glued service (ARGS=--quick)
	@scripts/bench-peers $(ARGS)

golden: ## make the golden files again with the reference implementations, then compare with them
	@scripts/golden $(ARGS)

deploy-tools: ## install what deploying needs: helm, podman, Prometheus, Envoy, schemas, checkers
	@scripts/deploy-tools

deploy-test: ## prove deploy/ and docker/ with the real tools (ARGS=--quick for seconds)
	@scripts/setup --checks
	@scripts/deploy-test $(ARGS)

image: ## build the container images, CPU, with and without the bundle (ARGS='--device cuda')
	@scripts/image $(ARGS)

image-test: ## build them with buildah and run them with podman, locked down (ARGS=inside_test for a part)
	@scripts/image-test $(ARGS)

lint: ## formatting, buf, clang-tidy on the torch-free half, ruff
	@scripts/lint

lint-all: ## lint with clang-tidy on everything (slow)
	@scripts/lint --all

format: ## rewrite C++ and Python in the house format
	@scripts/lint --fix

tsan: ## build and run the torch-free tests under ThreadSanitizer
	@scripts/setup --checks
	@scripts/build tsan
	@scripts/sanitized_tests tsan

asan: ## the same under AddressSanitizer and UndefinedBehaviorSanitizer
	@scripts/setup --checks
	@scripts/build asan
	@scripts/sanitized_tests asan

fuzz: ## made-up inputs for whatever reads bytes from outside (MINUTES=10 a target, TARGET=image for one)
	@MINUTES="$(MINUTES)" TARGET="$(TARGET)" scripts/fuzz

thread-safety: ## build the torch-free targets under clang's thread-safety analysis
	@scripts/setup --checks
	@scripts/build thread-safety

clean: ## remove what was built; keeps .venv and .tools
	@rm -rf build
