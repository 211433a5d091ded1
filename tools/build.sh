#!/bin/sh
# Builds one command of a Go module and shows how far it is: a first build compiles over a thousand packages and takes
# minutes, and a person should see that it moves.
#
# usage: tools/build.sh LABEL MODULE_DIR PACKAGE OUTPUT [go build flags...]
set -eu
label=$1 module=$2 package=$3 output=$4
shift 4

cd "$(dirname "$0")/.."
mkdir -p "$(dirname "$output")"
output=$(cd "$(dirname "$output")" && pwd)/$(basename "$output")
log=$output.log
cd "$module"

total=$(go list -deps "$package" | wc -l)
started=$(date +%s)
tty=0
if [ -t 2 ]; then tty=1; fi
status=0
# go build -v names each package when its compilation ends; what is cached is not named. What a pipe would lose, the
# exit status, travels in a file.
{ go build -v "$@" -o "$output" "$package" 2>&1 && echo 0 >"$log.status" || echo 1 >"$log.status"; } |
	tee "$log" |
	awk -v label="$label" -v total="$total" -v tty="$tty" '
		{ done++ }
		tty  { printf "\r%s: compiled %d of at most %d packages ", label, done, total > "/dev/stderr" }
		!tty && done % 100 == 0 { printf "%s: compiled %d of at most %d packages\n", label, done, total > "/dev/stderr" }
		END { if (tty && done) printf "\r\033[K" > "/dev/stderr" }'
status=$(cat "$log.status")
rm -f "$log.status"
if [ "$status" != 0 ]; then
	cat "$log" >&2
	echo "error: $label did not build" >&2
	exit 1
fi
if [ -s "$log" ]; then
	echo "$label: built in $(($(date +%s) - started)) s" >&2
fi
rm -f "$log"
