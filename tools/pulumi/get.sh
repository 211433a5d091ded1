#!/bin/sh
# Makes sure that there is a Pulumi CLI to run: a compatible one on PATH is taken as it is; otherwise the version in
# go.mod is built from its Go module, once, into .aplomb/pulumi, which git ignores. Nothing is downloaded but Go modules.
set -eu
cd "$(dirname "$0")/../.."

# The oldest minor version that the deploy package accepts. It must equal the constant there; a test holds the two together.
minimum=200
built=.aplomb/pulumi/bin/pulumi
version=$(cd tools/pulumi && go list -m -f '{{.Version}}' github.com/pulumi/pulumi/pkg/v3)

if [ -x "$built" ] && [ "$("$built" version 2>/dev/null)" = "$version" ]; then
	exit 0
fi
if onpath=$(command -v pulumi) && found=$("$onpath" version 2>/dev/null); then
	minor=$(echo "$found" | sed -n 's/^v3\.\([0-9]*\)\..*/\1/p')
	if [ -n "$minor" ] && [ "$minor" -ge "$minimum" ]; then
		echo "pulumi: using $found, found on PATH" >&2
		rm -f "$built"
		exit 0
	fi
	echo "pulumi: $onpath is $found, which is not v3.$minimum or later" >&2
fi
echo "pulumi: building $version from its Go module, once (about 3 minutes on 2 cores)" >&2
# A CLI without its version stamped in calls itself v0.0.0 and is refused by the Automation API.
exec sh tools/build.sh pulumi tools/pulumi github.com/pulumi/pulumi/pkg/v3/cmd/pulumi "$built" \
	-ldflags "-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=$version"
