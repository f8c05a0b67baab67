# SPDX-License-Identifier: Apache-2.0
# tagmoor: `make run` demonstrates the webhook, `make test` runs the tests, `make help` lists all targets.

VERSION := 0.1.0
COMMIT  ?= $(shell git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
PREFIX  ?= /usr/local
CC      ?= gcc
ifeq ($(origin CC),default)
CC      := gcc
endif

# --- variants: each has its own build folder -------------------------------------------------
SANITIZE ?=
COVERAGE ?=
STATIC   ?=
POSIX    ?=
WERROR   ?=
V        ?=

comma   := ,
VARIANT := $(notdir $(firstword $(CC)))$(if $(SANITIZE),-$(subst $(comma),-,$(SANITIZE)))$(if $(COVERAGE),-coverage)$(if $(STATIC),-static)$(if $(POSIX),-posix)
OUT     := build/$(VARIANT)
Q       := $(if $(V),,@)
say      = $(if $(V),,@printf '  %-7s %s\n' '$(1)' '$(2)')

# --- flags ----------------------------------------------------------------------------------------
# Adds only flags that the compiler supports.  The probes run once, when the flags file is created.
cc-option = $(shell printf 'int main(void){return 0;}' | $(CC) -Werror $(1) -x c -c -o /dev/null - 2>/dev/null && echo '$(1)')

WARNINGS := -Wall -Wextra -Wpedantic -Wformat=2 -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes \
	-Wold-style-definition -Wmissing-prototypes -Wmissing-declarations -Wredundant-decls -Wnested-externs \
	-Wpointer-arith -Wcast-qual -Wcast-align -Wwrite-strings -Wundef -Wvla -Walloca -Wimplicit-fallthrough \
	-Wnull-dereference -Wdouble-promotion -Wdate-time -Winit-self -fno-common \
	-Werror=format-security -Werror=implicit -Werror=incompatible-pointer-types -Werror=int-conversion \
	-Werror=return-type
WARNINGS_PROBED := -Wlogical-op -Wduplicated-cond -Wduplicated-branches -Wjump-misses-init -Wtrampolines \
	-Wbidi-chars=any -Wformat-signedness -Wformat-overflow=2 -Wformat-truncation=2 -Wstringop-overflow=4 \
	-Walloc-zero -Warray-bounds=2 -Wuse-after-free=3 -Wdangling-pointer=2 -Wcast-align=strict \
	-Wimplicit-fallthrough=5 -Wcomma -Wthread-safety -Wmissing-variable-declarations
HARDENING := -fstack-protector-strong -fPIE -fexceptions \
	-fno-delete-null-pointer-checks -fno-strict-overflow -fno-strict-aliasing
HARDENING_PROBED := -fstack-clash-protection -fcf-protection=full -mbranch-protection=standard \
	-ftrivial-auto-var-init=zero
LDHARDENING := $(if $(STATIC),-static-pie -Wl$(comma)--no-warnings,-pie) -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,-z,nodlopen -Wl,-z,separate-code \
	-Wl,--as-needed -Wl,--no-copy-dt-needed-entries

# STATIC=1 links a program that needs no shared library, and POSIX=1 uses nothing of Linux or glibc.  Both have every
# command but `serve`: libh2o has no static archive, and the server needs epoll, seccomp and landlock.
COMMAND_LINE := $(STATIC)$(POSIX)
DEFINES := $(if $(POSIX),-D_POSIX_C_SOURCE=200809L -D_XOPEN_SOURCE=700 -include policy/base/portable.h,-D_GNU_SOURCE) \
	-DH2O_USE_LIBUV=0 -DMOOR_VERSION='"$(VERSION)"' $(if $(COMMAND_LINE),-DMOOR_WITHOUT_SERVER)
ifneq ($(SANITIZE),)
OPTIMISE := -O1 -g -fno-omit-frame-pointer -fsanitize=$(SANITIZE) -fno-sanitize-recover=all -DMOOR_WITHOUT_SANDBOX
LDSAN    := -fsanitize=$(SANITIZE)
else ifneq ($(COVERAGE),)
OPTIMISE := -O0 -g --coverage -DMOOR_WITHOUT_SANDBOX
LDSAN    := --coverage
else
OPTIMISE := -O2 -g -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
endif
# valgrind 3.19 cannot read clang 14's DWARF 5.
ifneq ($(findstring clang,$(CC)),)
OPTIMISE += -gdwarf-4
endif

PROBED   = $(foreach flag,$(WARNINGS_PROBED) $(HARDENING_PROBED),$(call cc-option,$(flag)))
MOOR_CFLAGS  = -std=c17 -pthread -I. -MMD -MP $(DEFINES) $(OPTIMISE) $(WARNINGS) $(HARDENING) \
	$(if $(WERROR),-Werror) $(file <$(OUT)/probed) $(CFLAGS)
MOOR_LDFLAGS = -pthread $(LDHARDENING) $(LDSAN) $(LDFLAGS)
LDLIBS  := $(if $(COMMAND_LINE),,-lh2o-evloop -lssl -lseccomp) -lcrypto -ljansson -lyaml -lpcre2-8 -lz

# --- files ----------------------------------------------------------------------------------------
# The library contains everything except main(), so that tests can link it.
PRODUCT      := $(sort $(foreach room,policy webhook cmd,$(wildcard $(addprefix $(room)/,*.[ch] */*.[ch] */*/*.[ch]))))
CMD_SOURCES  := cmd/main.c
SERVER_ALONE := cmd/serve.c $(filter-out webhook/admission/% webhook/regular_file.%,$(filter webhook/%,$(PRODUCT)))
LIB_SOURCES  := $(filter-out $(CMD_SOURCES) $(if $(COMMAND_LINE),$(SERVER_ALONE),cmd/serve_absent.c),$(filter %.c,$(PRODUCT)))
UNIT_SOURCES := $(sort $(wildcard tests/unit/*_test.c))
HEADERS      := $(filter %.h,$(PRODUCT)) $(sort $(wildcard tests/unit/*.h tests/fuzz/*.h))
ALL_SOURCES  := $(LIB_SOURCES) $(CMD_SOURCES) $(if $(COMMAND_LINE),,cmd/serve_absent.c) $(sort $(wildcard tests/*/*.c))
SCRIPTS      := .ci/run tests/deps $(sort $(wildcard tests/debian/* tests/*/*.sh deploy/*.sh))

LIB_OBJECTS  := $(LIB_SOURCES:%.c=$(OUT)/%.o)
CMD_OBJECTS  := $(CMD_SOURCES:%.c=$(OUT)/%.o)
UNIT_TESTS   := $(UNIT_SOURCES:%.c=$(OUT)/%)
BARE_SERVER   := $(OUT)/tests/server/bare_server
SANDBOX_PROBE := $(OUT)/tests/server/sandbox_probe
TLS_FLOOD     := $(OUT)/tests/server/tls_flood
FAULT_SHIM    := $(OUT)/tests/server/fault_shim.so
YAML_JSON     := $(OUT)/tests/golden/yaml_json
POLICY_LOADS  := $(OUT)/tests/golden/policy_loads
DOCKER_IMAGES := $(OUT)/tests/dockerfile/images
FUZZ_REPLAYS := $(patsubst tests/fuzz/%_fuzz.c,$(OUT)/tests/fuzz/%_replay,$(sort $(wildcard tests/fuzz/*_fuzz.c)))

.DELETE_ON_ERROR:
.SUFFIXES:
.SECONDARY:
.PHONY: help all run test test-long stress unit-tests clean install install-files deps deps-test deps-dev deps-image deps-cluster deps-arm64 deps-release deps-clean \
	has-build has-test has-dev has-image has-cluster has-arm64 has-release format check-format check-layers check-size check-prose check-headers \
	check-scripts tag-score check-yaml check-vap check-dockerfile check-chart manifests check-manifests image check-image check-workflows dist dist-check check-debian13 check-static memcheck coverage tidy analyze fuzz bench bench-micro bench-worst \
	bench-check cluster cluster-down cluster-test cluster-bench arm64-root arm64-test FORCE

# One job for each CPU, unless the user sets -j.
JOBS = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))

all: has-build ## build the program: build/<variant>/tagmoor
	$(Q)$(MAKE) $(JOBS) --no-print-directory $(OUT)/tagmoor

help: ## list the targets
	@echo 'usage: make [TARGET] [CC=clang-$(LLVM)] [SANITIZE=address,undefined] [COVERAGE=1] [WERROR=1] [V=1]'
	@sed -n 's/^\([a-z0-9-]*\):[^#]*## \(.*\)/  \1\t\2/p' Makefile | expand -t 18

# --- required packages ------------------------------------------------------------------------------
BUILD_PACKAGES := gcc libc6-dev libh2o-evloop-dev libh2o-dev-common libssl-dev libjansson-dev libyaml-dev libpcre2-dev libseccomp-dev zlib1g-dev
TEST_PACKAGES  := libcmocka-dev curl ca-certificates openssl python3-minimal python3 python3-jsonschema python3-yaml procps \
	pre-commit git patch mandoc zsh shellcheck iproute2 $(if $(shell command -v kubectl 2>/dev/null),,kubernetes-client)
CLUSTER_PACKAGES := etcd-server openssl curl python3 python3-yaml procps util-linux git jq $(if $(filter 0,$(shell id -u)),$(NODE_PACKAGES))
NODE_PACKAGES  := containerd runc containernetworking-plugins nftables iproute2 buildah mmdebstrap busybox-static docker-registry
# The clang of this Debian.  clang-format 14 alone decides the format, because other versions differ.
LLVM           := $(if $(shell grep -s '^VERSION_ID="1[^2]' /etc/os-release),19,14)
DEV_PACKAGES   := clang-$(LLVM) libclang-rt-$(LLVM)-dev clang-tidy-$(LLVM) $(if $(filter 14,$(LLVM)),clang-format-14) cppcheck valgrind gcovr prometheus jq
IMAGE_PACKAGES := buildah mmdebstrap jq runc
ARM64_PACKAGES := gcc-aarch64-linux-gnu qemu-user
RELEASE_PACKAGES := $(IMAGE_PACKAGES) $(ARM64_PACKAGES) debhelper dpkg-dev lintian skopeo docker-registry ruby curl

# `deps*`, `run` and `test` install missing packages.  All other targets list the missing packages and stop: `has-*`.
deps: ## install the Debian packages that the build needs
	@tests/deps $(BUILD_PACKAGES)

deps-test: ## install the packages for the build and the tests
	@tests/deps $(BUILD_PACKAGES) $(TEST_PACKAGES)

deps-dev: ## install the packages for the build, tests, analyzers and formatters
	@tests/deps $(BUILD_PACKAGES) $(TEST_PACKAGES) $(DEV_PACKAGES)

deps-image: ## install the packages for the container image
	@tests/deps $(IMAGE_PACKAGES)

deps-cluster: ## install the packages for a cluster on this machine
	@tests/deps $(BUILD_PACKAGES) $(CLUSTER_PACKAGES)

deps-arm64: ## install the packages for the build and the tests for arm64
	@tests/deps $(BUILD_PACKAGES) $(TEST_PACKAGES) $(ARM64_PACKAGES)

deps-release: ## install the packages for `make dist`
	@tests/deps $(BUILD_PACKAGES) $(TEST_PACKAGES) $(RELEASE_PACKAGES)

deps-clean: ## remove the package source that `deps` adds on Debian 13, and libh2o
	@tests/deps --clean

has-build:
	@tests/deps --missing deps $(BUILD_PACKAGES)
has-test:
	@tests/deps --missing deps-test $(BUILD_PACKAGES) $(TEST_PACKAGES)
has-dev:
	@tests/deps --missing deps-dev $(BUILD_PACKAGES) $(TEST_PACKAGES) $(DEV_PACKAGES)
has-image:
	@tests/deps --missing deps-image $(IMAGE_PACKAGES)
has-cluster:
	@tests/deps --missing deps-cluster $(BUILD_PACKAGES) $(CLUSTER_PACKAGES)
has-arm64:
	@tests/deps --missing deps-arm64 $(BUILD_PACKAGES) $(TEST_PACKAGES) $(ARM64_PACKAGES)

has-release:
	@tests/deps --missing deps-release $(BUILD_PACKAGES) $(TEST_PACKAGES) $(RELEASE_PACKAGES)

# --- run and test -------------------------------------------------------------------------------------
run: deps-test ## build, serve on 127.0.0.1:8443, show the answers to two recorded reviews, stop with Ctrl-C
	$(Q)$(MAKE) $(JOBS) --no-print-directory $(OUT)/tagmoor
	@tests/server/demo $(OUT)/tagmoor

test: deps-test ## build, and run every test that needs no cluster
	$(Q)$(MAKE) $(JOBS) --no-print-directory $(OUT)/tagmoor unit-tests
	@tests/run $(OUT)

STRESS_SECONDS ?= 240

stress: has-test ## run all kinds of faults and floods beside a steady client, for STRESS_SECONDS (240)
	$(Q)$(MAKE) $(JOBS) --no-print-directory $(OUT)/tagmoor $(TLS_FLOOD)
	@MOOR_BUILD=$(OUT) STRESS_SECONDS=$(STRESS_SECONDS) tests/server/stress.py

test-long: has-test ## run tests that take minutes: memory under load, rolling restarts, an idle connection, states, floods
	$(Q)$(MAKE) $(JOBS) --no-print-directory $(OUT)/tagmoor $(TLS_FLOOD)
	@MOOR_BUILD=$(OUT) MEMORY_SECONDS=120 tests/server/memory_test.py
	@MOOR_BUILD=$(OUT) ROLLING_RESTARTS=20 tests/server/rolling_test.py
	@MOOR_BUILD=$(OUT) tests/server/idle_long.py
	@MOOR_BUILD=$(OUT) STATES_SECONDS=300 tests/server/states_test.py
	@MOOR_BUILD=$(OUT) FLOOD_SECONDS=20 tests/server/beside_floods_test.py

unit-tests: $(UNIT_TESTS) $(FUZZ_REPLAYS) $(BARE_SERVER) $(SANDBOX_PROBE) $(TLS_FLOOD) $(FAULT_SHIM) $(YAML_JSON) $(POLICY_LOADS)

# --- build --------------------------------------------------------------------------------------------
# Two stamp files: the supported flags, and the flags of the last build.  A changed flag causes a rebuild.
$(OUT)/probed:
	@mkdir -p $(OUT)
	@echo '$(PROBED)' >$@

$(OUT)/flags: FORCE $(OUT)/probed
	@echo '$(CC) $(MOOR_CFLAGS) $(MOOR_LDFLAGS)' | cmp -s - $@ || echo '$(CC) $(MOOR_CFLAGS) $(MOOR_LDFLAGS)' >$@

$(OUT)/%.o: %.c $(OUT)/flags
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(MOOR_CFLAGS) -c -o $@ $<

# Another commit compiles only this source again.
$(OUT)/commit: FORCE $(OUT)/probed
	@echo '$(COMMIT)' | cmp -s - $@ || echo '$(COMMIT)' >$@
$(OUT)/cmd/version.o: MOOR_CFLAGS += -DMOOR_COMMIT='"$(COMMIT)"'
$(OUT)/cmd/version.o: $(OUT)/commit

$(OUT)/policy/file/default.o: policy/file/default.yaml
$(OUT)/policy/file/builtin.o: policy/file/builtin.yaml
$(OUT)/cmd/report/reasons.o: policy/REASONS.md

$(OUT)/libmoor.a: $(LIB_OBJECTS)
	$(call say,AR,$@)
	@rm -f $@
	$(Q)$(AR) rcs $@ $(LIB_OBJECTS)

$(OUT)/tagmoor: $(CMD_OBJECTS) $(OUT)/libmoor.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(MOOR_CFLAGS) $(MOOR_LDFLAGS) -o $@ $(CMD_OBJECTS) $(OUT)/libmoor.a $(LDLIBS)

$(OUT)/tests/unit/%_test: $(OUT)/tests/unit/%_test.o $(OUT)/libmoor.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(MOOR_CFLAGS) $(MOOR_LDFLAGS) $(TEST_LDFLAGS) -o $@ $< $(OUT)/libmoor.a -lcmocka $(LDLIBS)

# Tests in which each allocation of the product fails in turn.
$(OUT)/tests/unit/%_nomem_test: TEST_LDFLAGS := -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc

# A test that counts the allocations of the product.
$(OUT)/tests/unit/loader_memory_test: TEST_LDFLAGS := -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free

# Tests that set the wall clock and let the creation of threads fail.
$(OUT)/tests/unit/log_test: TEST_LDFLAGS := -Wl,--wrap=clock_gettime,--wrap=pthread_create

# A server whose handler evaluates nothing, a program that tries to leave the sandbox, a hostile client, a converter from
# YAML to JSON, a loader of many policies, and a reader of Dockerfiles.
$(BARE_SERVER) $(SANDBOX_PROBE) $(TLS_FLOOD) $(YAML_JSON) $(POLICY_LOADS) $(DOCKER_IMAGES): $(OUT)/%: $(OUT)/%.o $(OUT)/libmoor.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(MOOR_CFLAGS) $(MOOR_LDFLAGS) -o $@ $< $(OUT)/libmoor.a $(LDLIBS)

# A library that is loaded before the C library and lets calls fail while the server runs.
$(FAULT_SHIM): tests/server/fault_shim.c $(OUT)/flags
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(MOOR_CFLAGS) -Wno-pedantic -Wno-missing-prototypes -fPIC -shared -o $@ $<

# The fuzz targets with a main() that replays files, in place of that of libFuzzer.
$(OUT)/tests/fuzz/%_replay: $(OUT)/tests/fuzz/%_fuzz.o $(OUT)/tests/fuzz/replay.o $(OUT)/libmoor.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(MOOR_CFLAGS) $(MOOR_LDFLAGS) $(TEST_LDFLAGS) -o $@ $^ $(LDLIBS)

# The fuzz target sets the time of the server.
CONNECTION_LDFLAGS := -Wl,--wrap=clock_gettime
$(OUT)/tests/fuzz/connection_replay: TEST_LDFLAGS := $(CONNECTION_LDFLAGS)

# --- fuzz and measure -----------------------------------------------------------------------------------
FUZZ_SECONDS ?= 60
FUZZ_FLAGS   := -std=c17 -I. $(DEFINES) -O1 -gdwarf-4 -fno-omit-frame-pointer -fno-sanitize-recover=all
FUZZ_TARGETS := $(patsubst tests/fuzz/%_fuzz.c,build/fuzz/%,$(sort $(wildcard tests/fuzz/*_fuzz.c)))
FUZZ_OBJECTS := $(LIB_SOURCES:%.c=build/fuzz/objects/%.o)
# To instrument libh2o too, build its source with -fsanitize=fuzzer-no-link,address, and add the archive and its libraries here.
FUZZ_LIBS    ?= $(LDLIBS)

build/fuzz/objects/%.o: %.c $(HEADERS)
	@mkdir -p $(@D)
	$(Q)clang-$(LLVM) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link,address,undefined -c -o $@ $<

build/fuzz/%: tests/fuzz/%_fuzz.c $(FUZZ_OBJECTS)
	$(call say,FUZZER,$@)
	$(Q)clang-$(LLVM) $(FUZZ_FLAGS) $(TEST_LDFLAGS) -fsanitize=fuzzer,address,undefined -o $@ $< $(FUZZ_OBJECTS) $(FUZZ_LIBS)

build/fuzz/connection: TEST_LDFLAGS := $(CONNECTION_LDFLAGS)

# New inputs are written to build/fuzz.  Copy useful ones to tests/fuzz/corpus.
fuzz: $(FUZZ_TARGETS) ## run each fuzz target with libFuzzer for FUZZ_SECONDS (60)
	@for target in $(FUZZ_TARGETS); do \
		mkdir -p $$target.corpus && \
		$$target -max_total_time=$(FUZZ_SECONDS) -print_final_stats=1 -artifact_prefix=$$target.found- \
			$$target.corpus $$(ls -d tests/fuzz/corpus/$${target##*/} 2>/dev/null) || exit 1; \
	done

# Prerequisites of the benchmarks: bodies derived from recorded ones, and if Go is installed, a load generator and
# Go webhooks for comparison.
BENCH    := build/bench
GO       ?= go
GO_HERE := env CGO_ENABLED=0 GOFLAGS=-mod=readonly $(GO)
GO_PEERS := $(if $(shell command -v $(GO) 2>/dev/null),$(BENCH)/loadgen $(BENCH)/go-usual $(BENCH)/go-tuned)

$(BENCH)/loadgen: $(wildcard tests/bench/loadgen/*)
	$(call say,GO,$@)
	$(Q)mkdir -p $(@D) && $(GO_HERE) -C tests/bench/loadgen build -trimpath -o $(abspath $@) .

$(BENCH)/go-usual $(BENCH)/go-tuned: $(wildcard tests/bench/gowebhook/*)
	$(call say,GO,$@)
	$(Q)mkdir -p $(@D) && $(GO_HERE) -C tests/bench/gowebhook build -trimpath -tags '$(if $(findstring tuned,$@),sonic)' -o $(abspath $@) .

$(BENCH)/bodies: tests/bench/bodies.py $(wildcard tests/golden/review/recorded/*.json)
	$(call say,BODIES,$@)
	$(Q)tests/bench/bodies.py $@ && touch $@

$(OUT)/tests/bench/%: $(OUT)/tests/bench/%.o $(OUT)/libmoor.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(MOOR_CFLAGS) $(MOOR_LDFLAGS) -o $@ $< $(OUT)/libmoor.a $(LDLIBS)

bench: has-test $(BENCH)/bodies $(GO_PEERS) ## compare with Go webhooks, 5 minutes; BENCH_SECONDS and BENCH_ROUNDS set the duration
	$(Q)$(MAKE) --no-print-directory $(OUT)/tagmoor
	@MOOR_BUILD=$(OUT) tests/bench/bench.py $(OUT)/tagmoor $(BENCH) $(PARTS)

bench-micro: $(BENCH)/bodies ## measure each step alone, and each form of the JSON reader
	$(Q)$(MAKE) --no-print-directory $(patsubst %,$(OUT)/tests/bench/%,micro json_reader_bench)
	@$(OUT)/tests/bench/micro $(BENCH)/bodies | expand -t 24
	@$(OUT)/tests/bench/json_reader_bench $(patsubst %,$(BENCH)/bodies/%.json,pod-3mb update-46kb pod-6kb)

bench-worst: ## measure the costliest requests with slow policies, and small requests beside 8 such clients
	$(Q)$(MAKE) --no-print-directory $(OUT)/tagmoor
	@MOOR_BUILD=$(OUT) tests/bench/worst.py $(BENCH)/worst $(if $(POLICY),'$(POLICY)')

bench-check: has-dev $(BENCH)/bodies ## fail if a fixed input takes 3 % more instructions than recorded
	$(Q)$(MAKE) --no-print-directory $(OUT)/tests/bench/micro
	@tests/bench/instructions.py $(OUT)/tests/bench/micro $(BENCH)/bodies $(if $(WRITE),--write)

# The sample contains rare forms as often as common ones, so its figures are lower than those for all tags.
LABELS ?= tests/data/official-tags-sample.tsv
tag-score: has-test ## compare the tag classes with tags of known history: LABELS=FILE.tsv[.xz]
	$(Q)$(MAKE) $(JOBS) --no-print-directory $(OUT)/tagmoor
	@tests/data/tag-score $(LABELS) --references | $(OUT)/tagmoor explain -o tsv - >$(OUT)/verdicts.tsv
	@tests/data/tag-score $(LABELS) $(OUT)/verdicts.tsv

install: all install-files ## install in $(DESTDIR)$(PREFIX)

# Of a program that was built before.
install-files:
	install -D -m 755 $(OUT)/tagmoor $(DESTDIR)$(PREFIX)/bin/tagmoor
	install -D -m 644 cmd/tagmoor.1 $(DESTDIR)$(PREFIX)/share/man/man1/tagmoor.1
	ln -sf tagmoor $(DESTDIR)$(PREFIX)/bin/kubectl-tagmoor
	install -D -m 755 cmd/kubectl_complete-tagmoor $(DESTDIR)$(PREFIX)/bin/kubectl_complete-tagmoor
	install -D -m 644 cmd/tagmoor-policy.5 $(DESTDIR)$(PREFIX)/share/man/man5/tagmoor-policy.5
	install -D -m 644 cmd/tagmoor-output.5 $(DESTDIR)$(PREFIX)/share/man/man5/tagmoor-output.5
	install -D -m 644 cmd/completion.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/tagmoor
	install -D -m 644 cmd/completion.zsh $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_tagmoor
	install -D -m 644 deploy/tagmoor.service $(DESTDIR)$(PREFIX)/lib/systemd/system/tagmoor.service
	sed -i 's|/usr/local/bin/|$(PREFIX)/bin/|' $(DESTDIR)$(PREFIX)/lib/systemd/system/tagmoor.service

clean: ## remove the build folder
	rm -rf build

# --- checks -------------------------------------------------------------------------------------------
format: has-dev ## format all C sources
	@clang-format-14 -i $(ALL_SOURCES) $(HEADERS)

check-format: has-dev ## fail if a C source is not formatted
	@clang-format-14 --dry-run --Werror $(ALL_SOURCES) $(HEADERS)

check-layers: ## fail if an include violates the order of the layers
	@tests/layers

check-size: ## fail if a file has more than 500 lines or a function more than 60
	@tests/house

check-prose: ## fail if a text violates a rule that a script can check, or if there are too few comments
	@tests/prose

check-headers: has-test $(OUT)/probed ## compile each header alone
	@for header in $(HEADERS); do \
		$(CC) $(MOOR_CFLAGS) -Wno-unused-function -MF /dev/null -fsyntax-only -x c -include "$$header" /dev/null || exit 1; \
	done

check-scripts: has-dev ## run shellcheck on the shell scripts
	@grep -lE '^#!/(bin/|usr/bin/env )(ba)?sh' $$(git ls-files tests .ci deploy charts cmd 2>/dev/null || find tests .ci deploy charts cmd -type f) | xargs shellcheck

# A reader of YAML with the modules of Kubernetes, for comparison.
build/kubectlyaml: $(wildcard tests/yaml/kubectl/*)
	$(call say,GO,$@)
	$(Q)mkdir -p $(@D) && $(GO_HERE) -C tests/yaml/kubectl build -trimpath -o $(abspath $@) .

check-yaml: has-test build/kubectlyaml ## compare the YAML reader with that of kubectl on many mutants; requires Go, and the network once
	$(Q)$(MAKE) $(JOBS) --no-print-directory $(YAML_JSON)
	@MOOR_BUILD=$(OUT) tests/yaml/against_kubectl.py

# A reader of Dockerfiles with the modules of BuildKit, for comparison.
build/buildkitimages: $(wildcard tests/dockerfile/buildkit/*)
	$(call say,GO,$@)
	$(Q)mkdir -p $(@D) && $(GO_HERE) -C tests/dockerfile/buildkit build -trimpath -o $(abspath $@) .

check-dockerfile: has-test build/buildkitimages ## compare the reader of Dockerfiles with BuildKit on many mutants; requires Go, and the network once
	$(Q)$(MAKE) $(JOBS) --no-print-directory $(DOCKER_IMAGES)
	@MOOR_BUILD=$(OUT) tests/dockerfile/against_buildkit.py

# An evaluator of exported policies, with the modules of the API server; the first build takes minutes.
build/vapevaluate: $(wildcard tests/vap/evaluate/*)
	$(call say,GO,$@)
	$(Q)mkdir -p $(@D) && $(GO_HERE) -C tests/vap/evaluate build -trimpath -o $(abspath $@) .

check-vap: has-test build/vapevaluate ## compare exported policies with tagmoor, evaluated by the API server's library; requires Go, and the network once
	$(Q)$(MAKE) $(JOBS) --no-print-directory $(OUT)/tagmoor
	@MOOR_BUILD=$(OUT) tests/vap/check_vap.py

check-chart: has-dev ## check the chart with helm lint, helm-unittest, kubeconform, promtool and more; requires Go
	$(Q)$(MAKE) $(JOBS) --no-print-directory $(OUT)/tagmoor
	@charts/tools/check $(OUT)

manifests: has-build ## export what the chart needs of tagmoor, and render the chart to deploy/; requires Go
	$(Q)$(MAKE) $(JOBS) --no-print-directory $(OUT)/tagmoor
	@charts/tools/build build/charts && deploy/manifests.sh build/charts/helm $(OUT)/tagmoor

check-manifests: has-build ## fail if the manifests are not up to date with tagmoor and the chart; requires Go
	$(Q)$(MAKE) $(JOBS) --no-print-directory $(OUT)/tagmoor
	@if ! command -v go >/dev/null; then echo 'check-manifests: skipped: Go is not installed'; else charts/tools/build build/charts && \
		deploy/manifests.sh build/charts/helm $(OUT)/tagmoor --check; fi

image: has-image ## build the container image in build/image, as root, from Debian packages, without a registry or Docker
	@deploy/image.sh build/image

check-image: image ## check the files of the image, that it serves under runc, and that its digest is reproducible
	$(Q)$(MAKE) $(JOBS) --no-print-directory $(OUT)/tagmoor
	@MOOR_BUILD=$(OUT) tests/image/check_image.py

dist: has-release arm64-root ## make every file of a release in build/dist from the last commit, as root on Debian 12; requires Go
	@charts/tools/build build/charts
	@deploy/release/dist.sh build/dist

# Validators of workflows and of plugin manifests.
build/release/actionlint build/release/validate-krew-manifest: deploy/release/tools/go.sum
	$(call say,GO,$(@F))
	$(Q)mkdir -p $(@D) && $(GO_HERE) -C deploy/release/tools build -trimpath -o $(abspath $(@D))/ \
		github.com/rhysd/actionlint/cmd/actionlint sigs.k8s.io/krew/cmd/validate-krew-manifest && touch $(@D)/*

check-workflows: build/release/actionlint ## check the workflows and the action with actionlint; requires Go
	@build/release/actionlint

dist-check: has-release build/release/validate-krew-manifest ## install each file of build/dist as its user would, in fresh roots of Debian 12 and 13
	@deploy/release/check.sh build/dist

# Without root, only a control plane runs, which calls tagmoor by URL, and scenarios with Pods are skipped.
# tests/cluster/toolchain installs Go.
cluster cluster-test cluster-bench: has-cluster
	$(Q)$(MAKE) $(JOBS) --no-print-directory $(OUT)/tagmoor
	@MOOR_BUILD=$(abspath $(OUT)) tests/cluster/run $(patsubst cluster-%,%,$(@:cluster=up)) $(if $(filter cluster-test,$@),$(SCENARIO))

cluster: ## start Kubernetes with tagmoor and print the KUBECONFIG; `make cluster-down` stops it
cluster-test: ## run every scenario on Kubernetes, built from Go modules; SCENARIO=faults runs one
cluster-bench: ## measure the latency of a create with tagmoor, without it, and with a ValidatingAdmissionPolicy

cluster-down: ## stop the cluster of `make cluster`
	@MOOR_CLUSTER_BIN=$(CURDIR)/build/cluster/bin tests/cluster/run down

# Without the server tests, whose client expects how the OpenSSL of Debian 12 reports a connection that was reset.
check-debian13: has-image ## build and test in a fresh root of Debian 13; needs root
	@tests/debian/try trixie 'tests/debian/readme tests/unit/,tests/golden/,tests/scan/,tests/structure/,tests/fuzz/'

# The tests of the command line run with each program in place of the one with the server.
COMMAND_LINE_TESTS := tests/scan/,golden/check,golden/explain,golden/import,golden/policy,golden/recipes,golden/review,golden/terminal,golden/whole
COMMAND_LINE_BUILD := build/$(notdir $(firstword $(CC)))

check-static: has-test ## build the command line without shared libraries, and without Linux; run its tests with both programs
	$(Q)$(MAKE) $(JOBS) --no-print-directory $(OUT)/tagmoor unit-tests
	$(Q)$(MAKE) $(JOBS) --no-print-directory STATIC=1 $(COMMAND_LINE_BUILD)-static/tagmoor
	@tests/static/check_static.py $(COMMAND_LINE_BUILD)-static/tagmoor $(OUT)/tagmoor
	$(Q)$(MAKE) $(JOBS) --no-print-directory POSIX=1 $(COMMAND_LINE_BUILD)-posix/tagmoor
	@for variant in static posix; do \
		tests/static/view $(OUT) $(COMMAND_LINE_BUILD)-$$variant/tagmoor build/view-$$variant && \
		tests/run build/view-$$variant $(COMMAND_LINE_TESTS) || exit 1; \
	done

memcheck: has-dev ## run the unit tests under valgrind
	$(Q)$(MAKE) $(JOBS) --no-print-directory unit-tests
	@MOOR_SHORT_TESTS=1 tests/run $(OUT) tests/unit/ valgrind -q --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite,possible

# Neoverse N1 is the core of Graviton 2 and Altra.  It has only features of most arm64 nodes, and no pointer
# authentication, which is slow to emulate.
ARM64       := build/arm64
ARM64_BUILD := build/aarch64-linux-gnu-gcc
ARM64_QEMU  := qemu-aarch64 -cpu neoverse-n1 -L $(CURDIR)/$(ARM64)/root
ARM64_TESTS := tests/unit/,tests/fuzz/,tests/data/,golden/command,golden/check_test,golden/review,golden/whole,server/http,server/image

arm64-root: has-arm64 ## unpack arm64 libraries in build/arm64/root
	@tests/arm64/root $(ARM64)/root $(filter lib% zlib%,$(BUILD_PACKAGES) $(TEST_PACKAGES))

arm64-test: arm64-root ## build for arm64 with a cross compiler, and run tests under qemu
	$(Q)$(MAKE) $(JOBS) --no-print-directory CC='aarch64-linux-gnu-gcc --sysroot=$(ARM64)/root' AR=aarch64-linux-gnu-ar $(ARM64_BUILD)/tagmoor unit-tests
	@tests/arm64/wrap $(ARM64_BUILD) $(ARM64)/emulated $(ARM64_QEMU)
	@CMOCKA_MESSAGE_OUTPUT=TAP $(ARM64)/emulated/tests/unit/json_form_test | grep '^ok .*neon' || \
		{ echo 'arm64-test: the JSON reader has no NEON form in this build' >&2; exit 1; }
	@MOOR_SHORT_TESTS=1 tests/run $(ARM64)/emulated $(ARM64_TESTS)

# gcovr 5 cannot merge the files of simd.h, because its functions have other lines in each form.  They are excluded.
GCOVR_FLAGS = -r $(CURDIR) --exclude-unreachable-branches --exclude-throw-branches --gcov-exclude '.*simd.*'

coverage: has-dev ## measure line and branch coverage of all tests, by folder
	$(Q)$(MAKE) --no-print-directory COVERAGE=1 test
	@cd build/$(notdir $(firstword $(CC)))-coverage && gcovr $(GCOVR_FLAGS) --branches policy webhook cmd && \
		gcovr $(GCOVR_FLAGS) --print-summary policy webhook cmd | tail -4

tidy: has-dev ## run clang-tidy on every C source
	@printf '%s\n' $(ALL_SOURCES) | xargs -P 2 -I{} clang-tidy-$(LLVM) --quiet {} -- -std=c17 -I. $(DEFINES)

analyze: has-dev ## run gcc -fanalyzer and cppcheck on the sources of the product
	@printf '%s\n' $(LIB_SOURCES) $(CMD_SOURCES) | xargs -P 2 -I{} gcc -std=c17 -I. $(DEFINES) -O1 -fanalyzer -Werror -c -o /dev/null {}
	@cppcheck --std=c11 --enable=warning,portability,performance --inline-suppr --error-exitcode=1 --quiet \
		-I. $(DEFINES) --suppress=missingIncludeSystem $(LIB_SOURCES) $(CMD_SOURCES)

-include $(shell [ -d build ] && find build \( -path build/cluster -o -path 'build/debian-*' \) -prune -o -type f -name '*.d' -print 2>/dev/null)
