# Short words for what is done often; scripts/check is what has to pass before
# anything lands.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run build lint test client e2e screenshots check fuzz bench load vendor

help: ## list the targets
	@grep -hE '^[a-z0-9]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 13

run: ## start a throw-away server on this machine
	go run . -demo

build: ## build the server, with its web client inside
	CGO_ENABLED=0 go build -ldflags='-s -w'

lint: ## vet and staticcheck
	go vet ./...
	go tool staticcheck ./...

test: ## the Go tests, under the race detector
	go test -race -shuffle=on -timeout 10m ./...

client: ## type check, lint and unit tests of the browser client
	cd static && npm ci --no-audit --no-fund --loglevel=error && npm run check

e2e: ## calls between real browsers
	cd static && npm run e2e

screenshots: ## pictures of every page and state, into test-results/screenshots
	cd static && node test/screenshots/take.js

check: ## everything that has to pass
	scripts/check

fuzz: ## each fuzz test for 30 s
	scripts/fuzz 30s

bench: ## cost of the packet path
	go test -run='^$$' -bench=. -benchmem ./rtpconn/...

load: ## put 50 viewers on a server of this machine for a minute
	scripts/load-test

vendor: ## bundle the client's libraries from the lock file
	cd static && npm ci --no-audit --no-fund --loglevel=error && npm run vendor
