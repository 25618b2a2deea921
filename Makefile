# The two commands a newcomer needs are `make run` and `make test`; each does all of its own set-up.

.PHONY: run test build bench fuzz shots

run: ## start Tongke with its demo school on this machine (ROBOTS=1 adds a software teacher)
	@scripts/run.sh

test: ## everything that has to hold before a change is done
	@scripts/test.sh

build: ## the pages and the release binary, without starting anything
	@scripts/build.sh

bench: ## the benches; each prints its ratio to a floor measured in the same run
	@scripts/bench.sh

fuzz: ## every fuzz target for a short while (FUZZ_S seconds each, 20 by default)
	@scripts/fuzz.sh

shots: ## pictures of every page in every state, into web/dev/shots
	@scripts/shots.sh
