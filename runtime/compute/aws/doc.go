// Package aws runs attempts in AWS accounts: on EC2 instances that it launches (kinds EC2 and SPOT), on AWS Fargate (FARGATE, FARGATE_SPOT) and on the
// instances of a user's ECS cluster (UNMANAGED). Attempts are Amazon ECS tasks in all of them.
//
// A [Driver] holds no state of its own that it could not find again: environments and hosts are handed in by the scheduler
// ([compute.Provisioner]), what was made in an account is found by its tags, and tasks by the attempt that started them. Calls
// that make something have a name or a token that was committed before, so that repeating one is harmless; sweeps find what an answer that was lost has
// made. What no row of the scheduler names is ended.
//
// # Words
//
//   - Account: an AWS account in one region, seen with one set of credentials. Environments choose theirs by profile and region.
//   - Site: what was made for an environment, or found: cluster, subnets, launch templates, offers. Its spec is a hash of what
//     the environment asked for, and names what hosts were launched as.
//   - Host: what the scheduler calls a host. It becomes an instance once EC2 has answered, and a container instance once the agent of
//     ECS has registered it.
//   - Group: the hosts that are launched by one call of CreateFleet. Its id is the token of the call and a tag of the instances.
//
// # Files, in the order to read them
//
//   - options.go, limits.go: what a driver needs to know, and its limits.
//   - driver.go, background.go: the driver, its life cycle and its goroutines.
//   - account.go, credentials.go: the clients of an account, and whose credentials they use.
//   - failure.go, reasons.go: what errors of AWS mean, and how they are told to people.
//   - environment.go, provision.go, site.go: environments and what is made for them.
//   - network.go, image.go, cluster.go, template.go, template_data.go, spec.go, roles.go, lease.go: the parts of a site.
//   - host.go, group.go: hosts and groups as the driver remembers them.
//   - launch.go, fleet.go: hosts are asked for. join.go, cluster_watch.go: they register. release.go: they are given back.
//   - sweep.go, reap.go: what there is in the account, compared with what is known.
//   - retire.go: an environment goes, with all that was made for it.
//   - census.go: what there is, for the scheduler.
//   - attempts.go, logs.go: attempts, which package tasks runs, and where their output is read.
package aws
