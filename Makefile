# `make check` is what has to pass before anything lands; the rest are its
# parts and what is run by hand.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run build tools lint test client e2e check fuzz bench load vendor

help: ## list the targets
	@grep -hE '^[a-z0-9]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

run: ## start a throw-away server on this machine
	go run . -demo

build: ## build the server, with its web client inside
	CGO_ENABLED=0 go build -ldflags='-s -w'

tools: ## install the browsers and Node.js that the tests need
	scripts/install-test-tools

lint: ## formatting, vet, staticcheck
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$unformatted" ]; then echo "not formatted: $$unformatted"; exit 1; fi
	go vet ./...
	go tool staticcheck ./...

test: ## the Go tests, under the race detector
	go test -race -shuffle=on -timeout 10m ./...

client: tools ## type check, lint and unit tests of the browser client
	cd static && npm ci --no-audit --no-fund --loglevel=error && npm run check

e2e: client ## calls between real browsers
	cd static && npm run e2e

check: tools lint test client e2e ## everything that has to pass

fuzz: ## each fuzz test for 30 s
	scripts/fuzz 30s

bench: ## cost of the packet path
	go test -run='^$$' -bench=. -benchmem ./rtpconn/...

load: ## put 50 viewers on a server of this machine for a minute
	scripts/load-test

vendor: ## bundle the client's libraries from the lock file
	cd static && npm ci --no-audit --no-fund --loglevel=error && npm run vendor
