# Everything a person runs. `make` alone lists it.
.DEFAULT_GOAL := help
SHELL := /bin/sh

# The race detector needs a C compiler; without one the tests run all the same.
RACE := $(shell command -v $${CC:-cc} >/dev/null 2>&1 && [ "$$(go env CGO_ENABLED)" = 1 ] && echo -race)
TOOLS := .aplomb/tools

##@ Use it

.PHONY: demo
demo: pulumi aplomb ## bring the prod stack up in the sandbox, on the real Pulumi engine; no AWS account
	@./bin/aplomb up --stack prod --sandbox --yes

.PHONY: demo-destroy
demo-destroy: pulumi aplomb ## take the demo down again, protection and all
	@./bin/aplomb destroy --stack prod --sandbox --yes --unlock all

.PHONY: aplomb
aplomb: ## build the CLI into bin/
	@sh tools/build.sh aplomb . ./cmd/aplomb bin/aplomb

.PHONY: plugins
plugins: ## build the sandbox's providers as plugins of Pulumi, into bin/sandbox/ (docs/plain-pulumi.md)
	@sh tools/build.sh pulumi-resource-aws . ./cmd/pulumi-resource-aws bin/sandbox/pulumi-resource-aws
	@sh tools/build.sh pulumi-resource-awsx . ./cmd/pulumi-resource-awsx bin/sandbox/pulumi-resource-awsx

# An image is the same on every machine only if the same Go makes it: the version is in the tool.
IMAGE_GO = $(shell sed -n 's/^const toolchain = "\(.*\)"/\1/p' tools/images/main.go)

.PHONY: probe-image
probe-image: ## build the disk probe's image and print its digest; PUSH=REPOSITORY pushes it (docs/probe.md)
	@GOTOOLCHAIN=$(IMAGE_GO) go -C tools/images run . probe --source $(CURDIR) --out $(CURDIR)/bin/probe-image $(if $(PUSH),--push $(PUSH))

.PHONY: sql-image
sql-image: ## build the image of the database runner and print its digests; RDS_BUNDLE=FILE, PUSH=REPOSITORY (docs/database-users.md)
	@GOTOOLCHAIN=$(IMAGE_GO) go -C tools/images run . sql --source $(CURDIR) --out $(CURDIR)/bin/sql-image \
		--bundle "$(if $(RDS_BUNDLE),$(abspath $(RDS_BUNDLE)))" $(if $(PUSH),--push $(PUSH))

.PHONY: pulumi
pulumi: ## obtain the Pulumi CLI: a compatible one on PATH, else built once from its Go module
	@sh tools/pulumi/get.sh

##@ Work on it

.PHONY: test
test: pulumi $(TOOLS)/gotestsum ## run every test, with the race detector where there is a C compiler
	@echo "test: all packages, $(if $(RACE),race detector on,race detector off (no C compiler)); the first run compiles the AWS SDK for some minutes" >&2
	@$(TOOLS)/gotestsum --format pkgname-and-test-fails --format-hide-empty-pkg -- $(RACE) -timeout 40m ./...
	@cd tools/images && $(CURDIR)/$(TOOLS)/gotestsum --format pkgname-and-test-fails -- -timeout 20m ./...

# How often each benchmark is run: the least of each figure counts. BENCH_SERVICES and BENCH_CHECKPOINTED are the numbers of services
# that the engine brings up without and with a checkpoint after each step.
BENCH_COUNT ?= 3
BENCH_SERVICES ?= 1 10 30 100
BENCH_CHECKPOINTED ?= 1 10 30

.PHONY: bench
bench: pulumi ## measure the program and the engine, as docs/performance.md shows it; some minutes
	@{ go test -run '^$$' -bench 'Read|Program' -benchtime 2x -count $(BENCH_COUNT) ./stacks; \
		APLOMB_BENCH_SERVICES="$(BENCH_SERVICES)" APLOMB_BENCH_CHECKPOINTED="$(BENCH_CHECKPOINTED)" \
		go test -run '^$$' -bench Engine -benchtime 1x -count $(BENCH_COUNT) -timeout 0 ./deploy; \
	} | go run ./internal/benchtable

.PHONY: golden
golden: ## rewrite the golden files; read the diff before you commit it
	APLOMB_UPDATE_GOLDEN=1 go test ./components/... ./stacks/... ./cmd/...

.PHONY: lint
lint: $(TOOLS)/golangci-lint ## check style, import walls and known mistakes
	@$(TOOLS)/golangci-lint run ./...
	@cd tools/images && $(CURDIR)/$(TOOLS)/golangci-lint run ./...

.PHONY: tidy
tidy: ## tidy every go.mod
	go mod tidy
	for module in tools/*/; do (cd $$module && go mod tidy) || exit 1; done

.PHONY: clean
clean: ## remove what was built and the sandbox with everything in it
	rm -rf bin .aplomb

$(TOOLS)/gotestsum: tools/gotestsum/go.mod
	@sh tools/build.sh gotestsum tools/gotestsum gotest.tools/gotestsum $@

$(TOOLS)/golangci-lint: tools/golangci-lint/go.mod
	@sh tools/build.sh golangci-lint tools/golangci-lint github.com/golangci/golangci-lint/v2/cmd/golangci-lint $@

##@ Help

.PHONY: help
help: ## show this list
	@awk 'BEGIN { FS = ":.*## " } /^##@/ { printf "\n%s\n", substr($$0, 5) } /^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile
