#!/usr/bin/env bash
#
# demo.sh applies the examples with the provider just built, in build/demo, and shows what came out. "make demo" builds
# and calls it. Nothing is written outside build/, and nothing is fetched from a registry: the provider is installed
# from a directory that is laid out as one. A demo before this one is ended and swept away first.

set -euo pipefail
cd "$(dirname "$0")/.."

readonly demo=$PWD/build/demo
readonly state=$demo/state
readonly plugins=$PWD/build/plugins
readonly version=0.1.0

now() { echo "${EPOCHREALTIME:-$(date +%s)}"; }
since() { awk -v from="$1" -v to="$(now)" 'BEGIN { printf "%.1f s", to - from }'; }
title() { printf '\n== %s\n' "$*"; }
batchd() { build/batchd "$@" --state-dir "$state"; }

find_terraform() {
	local candidate
	for candidate in ${TERRAFORM:-terraform tofu}; do
		if command -v "$candidate" >/dev/null; then
			command -v "$candidate"
			return
		fi
	done
	cat >&2 <<-'END'
		The demo needs Terraform (1.8 or later) or OpenTofu (1.8 or later) in PATH:
		    https://developer.hashicorp.com/terraform/install
		    https://opentofu.org/docs/intro/install
		If one is elsewhere, run: make demo TERRAFORM=/path/to/it
	END
	return 1
}

# mirror lays the provider out as both registries would, and tells Terraform to look for it there and nowhere else.
mirror() {
	local os_arch host
	os_arch=$(go env GOOS)_$(go env GOARCH)
	rm -rf "$plugins"
	for host in registry.terraform.io registry.opentofu.org; do
		mkdir -p "$plugins/$host/batchd/batch/$version/$os_arch"
		ln build/terraform-provider-batch "$plugins/$host/batchd/batch/$version/$os_arch/terraform-provider-batch_v$version"
	done
	cat >build/cli.tfrc <<-END
		provider_installation {
		  filesystem_mirror {
		    path = "$plugins"
		  }
		}
	END
	export TF_CLI_CONFIG_FILE=$PWD/build/cli.tfrc CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1
}

# run shows a command, keeps its output in a log, prints the lines of it that match a pattern, and the time it took. If the
# command fails, all of its output is printed and the demo ends.
run() {
	local log=$demo/$1.log pattern=$2 start status=0
	shift 2
	start=$(now)
	printf '$ %s\n' "${*##*/}"
	"$@" >"$log" 2>&1 || status=$?
	if [ $status -ne 0 ]; then
		cat "$log" >&2
		echo "demo: the command failed with exit code $status" >&2
		exit $status
	fi
	grep -E "$pattern" "$log" | sed 's/^/    /' || true
	printf '    (%s)\n' "$(since "$start")"
}

# output prints an output of an earlier apply from its log, which is sooner done than asking Terraform once more.
output() {
	sed -n -e "s/^$2 = \"\{0,1\}\([^\"<]*\)\"\{0,1\}\$/\1/p" -e "/^$2 = <</,/^EOT\$/{ /^$2 = <</d; /^EOT\$/d; p; }" "$demo/$1.log"
}

# configure copies an example into the demo, with the settings given on stdin.
configure() {
	mkdir -p "$demo/$1"
	cp examples/"$1"/*.tf "$demo/$1/"
	cp examples/sweep/price.sh "$demo/sweep/"
	cat >"$demo/$1/demo.auto.tfvars"
}

# docker_image prints an image that the container example can run, or fails with the reason.
docker_image() {
	local image
	command -v docker >/dev/null || { echo "no docker command here" && return 1; }
	docker version >/dev/null 2>&1 || { echo "no Docker daemon answers" && return 1; }
	for image in batchd-test/busybox:1 debian:stable-slim; do
		if docker image inspect "$image" >/dev/null 2>&1; then
			echo "$image"
			return
		fi
	done
	docker pull --quiet debian:stable-slim >/dev/null 2>&1 || { echo "the image debian:stable-slim cannot be pulled" && return 1; }
	echo debian:stable-slim
}

sweep() {
	configure sweep <<<"state_dir = \"$state\""
	cd "$demo/sweep"
	title "100 points: 5 strikes x 4 volatilities x 5 seeds, priced by simulation on this machine"
	run init '^Terraform has been|^OpenTofu has been' "$terraform" init -no-color -input=false
	run apply 'Creation complete|^Apply complete' "$terraform" apply -no-color -input=false -auto-approve
	echo
	output apply table
	printf '\n%s\n' "$(output apply summary)"

	title "The same again: nothing to do"
	run plan '^No changes' "$terraform" plan -no-color -input=false -detailed-exitcode

	title "One volatility more: only its 25 points run"
	echo 'volatilities = [0.1, 0.2, 0.3, 0.4, 0.5]' >>demo.auto.tfvars
	run more 'Modifications complete|^Apply complete' "$terraform" apply -no-color -input=false -auto-approve
	echo "    $(output more ran) points ran, $(output more summary)"
	if [ "$(output more ran)" != 25 ]; then
		echo "demo: 25 points should have run" >&2
		exit 1
	fi
	cd - >/dev/null
}

container() {
	local image
	title "The same script in containers"
	if ! image=$(docker_image); then
		echo "    skipped: $image"
		return
	fi
	configure container <<-END
		state_dir = "$state"
		image     = "$image"
	END
	cd "$demo/container"
	run container-init '^Terraform has been|^OpenTofu has been' "$terraform" init -no-color -input=false
	run container-apply 'Creation complete|^Apply complete' "$terraform" apply -no-color -input=false -auto-approve
	echo
	output container-apply table
	cd - >/dev/null
}

look_further() {
	local name
	name=$(basename "$terraform")
	cat <<-END

		== Look further
		    cd build/demo/sweep && $name output prices     every point
		    build/batchd jobs --state-dir build/demo/state --queue sweep
		    eval "\$(build/batchd env --state-dir build/demo/state)" && aws batch describe-job-queues
		    cd build/demo/sweep && $name destroy           end it; records and results are kept
		The runtime ends by itself when nobody needs it, or with: build/batchd stop --state-dir build/demo/state
	END
}

trap 'echo; echo "demo: interrupted; make demo starts it afresh" >&2; exit 130' INT TERM

start=$(now)
terraform=$(find_terraform)
[ ! -d "$state" ] || batchd stop >/dev/null 2>&1 || true
rm -rf "$demo"
mkdir -p "$demo"
mirror
sweep
container
look_further
printf '\nThe demo took %s.\n' "$(since "$start")"
