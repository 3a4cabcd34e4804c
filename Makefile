# The two commands of the README, and those of people who change things.
.PHONY: run test simulate lint bench instructions prepare

# Serves http://127.0.0.1:8080 with three demo accounts; Ctrl-C stops it.
run:
	@./.ci/prepare build
	cargo run --release -- serve --demo

# Everything that is tested, browsers included. Installs what it needs when it may.
test: prepare lint
	cargo test --workspace
	SWITCHBOARD_TEST_DATABASE=postgres cargo test --workspace --test it
	./k8s/test
	cd web && npm test && SWITCHBOARD_BIN="$$(cargo metadata --format-version 1 --no-deps | node -p 'JSON.parse(require("fs").readFileSync(0)).target_directory')/debug/switchboard" npm run e2e

# Calls in virtual time with other seeds each time: random ones, and every law of bandwidth; prints the seeds that break one.
SEEDS ?= 200
simulate:
	SEEDS=$(SEEDS) cargo test --release -p switchboard-media --test sim -- random_calls bandwidth --nocapture

lint: prepare
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items
	./.ci/walls
	cargo deny check bans licenses sources
	cd web && npm run check && npm run lint

# Time to the first frame, loss and forwarding delay on this machine; then what a forwarded packet costs beside Janus (Debian package
# janus; a network namespace needs root), written into the README: five rounds of three servers each, about ten minutes.
bench:
	cargo run --release -p loadtest -- smoke --repeat 20
	cargo run --release -p loadtest -- compare --peer janus --scenario livestream --receivers 100 --readme README.md
	cargo run --release -p loadtest -- compare --peer janus --scenario call10 --readme README.md

# How many instructions the router needs for a forwarded packet, the same on each run; fails when they have become a tenth more than
# src/media/benches/instructions.txt says.
instructions:
	@./.ci/prepare instructions
	cargo bench -p switchboard-media --bench instructions

prepare:
	@./.ci/prepare
