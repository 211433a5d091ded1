# Lets this shell's pulumi work in the sandbox instead of on AWS. In the repository's folder, after make plugins:
#
#     . tools/sandbox.sh
#
# Everything of it is under .aplomb/sandbox, which is also where aplomb --sandbox works. No AWS credentials are left, so that
# nothing that is started from here reaches an account. Another shell is as it was.
if [ -x bin/sandbox/pulumi-resource-aws ] && [ -x bin/sandbox/pulumi-resource-awsx ]; then
	export APLOMB_SANDBOX="$PWD/.aplomb/sandbox"
	mkdir -p "$APLOMB_SANDBOX/state" "$APLOMB_SANDBOX/home" && chmod 700 "$APLOMB_SANDBOX"
	# The engine takes plugins on PATH before any that it downloaded, and says so.
	PATH="$PWD/bin/sandbox:$PATH"
	[ -x .aplomb/pulumi/bin/pulumi ] && PATH="$PWD/.aplomb/pulumi/bin:$PATH"
	export PATH
	export PULUMI_BACKEND_URL="file://$APLOMB_SANDBOX/state" PULUMI_HOME="$APLOMB_SANDBOX/home"
	export PULUMI_CONFIG_PASSPHRASE=sandbox
	export PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true PULUMI_SKIP_UPDATE_CHECK=true
	# The program is run with go run, which compiles less than Pulumi's own way of building it.
	export PULUMI_GO_USE_RUN=1
	export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_EC2_METADATA_DISABLED=true
	unset PULUMI_ACCESS_TOKEN PULUMI_CONFIG_PASSPHRASE_FILE AWS_PROFILE AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
	unset AWS_WEB_IDENTITY_TOKEN_FILE AWS_CONTAINER_CREDENTIALS_RELATIVE_URI AWS_CONTAINER_CREDENTIALS_FULL_URI
	echo "pulumi works in the sandbox $APLOMB_SANDBOX, in this shell" >&2
else
	echo "error: there are no plugins in $PWD/bin/sandbox: run this in the repository's folder, after make plugins" >&2
	false
fi
