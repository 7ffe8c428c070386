metadata=${BATCHD_METADATA:-http://169.254.169.254}
service=${BATCHD_SSM:-https://ssm.$region.amazonaws.com}
ecs=${BATCHD_ECS:-https://ecs.$region.amazonaws.com}
agent=${BATCHD_AGENT:-http://127.0.0.1:51678}
kept=${BATCHD_STATE:-/var/lib/batchd-lease}
off=${BATCHD_POWEROFF:-systemctl poweroff}

# field NAME prints a string of the JSON on standard input.
field() { tr -d '\n' | sed -n 's/.*"'"$1"'" *: *"\([^"]*\)".*/\1/p'; }

ask() { curl -sS -m 20 "$@"; }

# credentials fetches those of the instance's role.
credentials() {
	session=$(ask -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' "$metadata/latest/api/token") || return 1
	base=$metadata/latest/meta-data/iam/security-credentials
	role=$(ask -f -H "X-aws-ec2-metadata-token: $session" "$base/") || return 1
	json=$(ask -f -H "X-aws-ec2-metadata-token: $session" "$base/$role") || return 1
	key=$(printf %s "$json" | field AccessKeyId)
	secret=$(printf %s "$json" | field SecretAccessKey)
	token=$(printf %s "$json" | field Token)
	[ -n "$key" ] && [ -n "$secret" ]
}

# call SERVICE URL TARGET BODY makes a signed call. The secret is not an argument, because arguments can be read by everyone.
call() {
	printf 'user = "%s:%s"\nheader = "X-Amz-Security-Token: %s"\n' "$key" "$secret" "$token" |
		ask -f -K - --aws-sigv4 "aws:amz:$region:$1" -H 'Content-Type: application/x-amz-json-1.1' -H "X-Amz-Target: $3" -d "$4" "$2/"
}

# renewed prints the end of the lease.
renewed() {
	credentials || return 1
	call ssm "$service" AmazonSSM.GetParameter "{\"Name\":\"$parameter\"}" | field Value | grep -x '[0-9][0-9]*'
}

drain() {
	about=$(ask -f "$agent/v1/metadata") || return 1
	arn=$(printf %s "$about" | field ContainerInstanceArn)
	cluster=$(printf %s "$about" | field Cluster)
	credentials && call ecs "$ecs" AmazonEC2ContainerServiceV20141113.UpdateContainerInstancesState \
		"{\"cluster\":\"$cluster\",\"containerInstances\":[\"$arn\"],\"status\":\"DRAINING\"}" >/dev/null
}

busy() { ask -f "$agent/v1/tasks" | grep -q '"KnownStatus" *: *"\(RUNNING\|CREATED\|PULLED\)"'; }

# keep notes the end of the lease, so that a reboot does not lengthen it.
keep() { echo "$1" >"$kept.new" && mv "$kept.new" "$kept"; }

[ -s "$kept" ] || keep $(($(date +%s) + limit))
while :; do
	if end=$(renewed); then keep "$end"; fi
	[ "$(date +%s)" -lt "$(cat "$kept")" ] || break
	sleep "$poll"
done
logger -t batchd-lease "the lease $parameter has lapsed; this instance takes no tasks any more and powers off" || :
last=$(($(cat "$kept") + tasks))
drain || :
while busy && [ "$(date +%s)" -lt "$last" ]; do sleep "$look"; done
$off
