// Package awsfake is an AWS account to test against: an HTTP server that speaks the wire of the services that batchd calls, to
// unmodified clients of the SDK, and behaves as those services do, their misfortunes included. It is for tests and for the command that
// serves it; nothing else imports it.
//
//	w := awsfake.New(awsfake.Realistic(seed))
//	defer w.Close()
//	client := ec2.NewFromConfig(w.Config())
//
// # Behaviours
//
//   - Time is that of package time. In a bubble of testing/synctest it is virtual: boots of minutes take no time at all. [World.HTTPClient]
//     calls the handler in process, since a socket would stop the clock; [World.Handler] is the same over TCP.
//   - Everything that is drawn follows from the seed and from the thing it is drawn for. The same calls in the same order give the same
//     world, and two clients that call in another order do not change what is drawn for each thing. How long a client waits before it
//     retries, the SDK draws itself: a test that compares runs makes its clients call once.
//   - Calls draw on AWS's token buckets, per account, and are refused with the error of the service when a bucket is empty.
//   - Reads may lag: each read sees the world as it was some time ago, so that a write is seen, not seen and seen again.
//   - A request with an idempotency token that was used is answered as the first was; another request with that token is refused.
//   - Calls meet the faults that [World.Inject] plans: throttled, failed, lost before or after their effect, slow, stale.
//   - With [World.Allow], calls that a policy does not allow are refused: by action, and by resource and tags where the call is about a thing
//     that has them. Launching needs the permission to tag and to pass roles, too.
//     [World.Needed] lists the actions that the calls needed.
//   - Instances come from pools of a type, zone and market, see [Pool], that have room for so many, and refuse or fill a fleet in part.
//     Quotas of vCPUs, addresses of subnets, Spot prices and processors of images refuse as well; the answer says which override was refused and why.
//   - An instance is pending, running, shutting down and terminated, and is forgotten an hour later. A launch may fail after it was accepted. A Spot
//     instance may be taken back, with a warning two minutes before or without one.
//   - Tasks of ECS play what a [Script] says, or run for real if [ECSOptions] has an engine. Agents register, lose their connection and
//     die as [AgentOptions] say. Events arrive late, twice and out of order.
//   - [World.Meter] counts money, calls and throttles. [World.Leftovers] lists what is still in the account.
//
// # Adding an operation
//
// Write a function of the input and output of the SDK and register it with its service, see openSSM. It is called with the world locked.
// What others wrote it sees as of call.seen: an object remembers when it came, changed and went, so that it can say what it was at a
// time. What happens later is planned with World.after. The tests hold each operation to the snapshots in the SDK's modules.
//
// # Files, in the order to read them
//
//	world.go, limits.go      what a world is, and its options
//	agenda.go, dice.go       what happens later, and what is drawn
//	server.go, client.go     the way of a call, over TCP and in process
//	operation.go, services.go, errors.go
//	                         services, their operations and errors
//	buckets.go, faults.go, tokens.go, policy.go, condition.go, permissions.go
//	                         what a call may meet
//	events.go                what services tell EventBridge
//	meter.go, leftovers.go   what was used, and what is left
//	history.go, sequence.go, wait.go
//	                         what things were like, long lists, calls that wait
//	ec2*.go, iam*.go, pricing.go, ssm*.go, sts.go
//	                         the services
//	ecs.go, ecs_words.go, ecs_cluster.go, ecs_settings.go, ecs_definition*.go, ecs_capacity.go, ecs_instance*.go
//	                         ECS: clusters, task definitions, container instances
//	ecs_run*.go, ecs_overrides.go, ecs_place.go, ecs_fargate.go
//	                         RunTask: what it refuses, and where a task gets a place
//	ecs_task*.go, ecs_life.go, ecs_reasons.go, ecs_events.go
//	                         tasks, how they live and why they end
//	container.go, ecs_container.go, script*.go
//	                         what an engine is told to run, and the engine that plays scripts
//	agent*.go                the agents of container instances
//	logs*.go, sqs*.go, eventbridge*.go
//	                         CloudWatch Logs, SQS, EventBridge
package awsfake
