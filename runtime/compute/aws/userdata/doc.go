// Package userdata makes the user data of the instances that are launched: what a user's launch template has, merged with a part of ours, as AWS
// Batch does. Our part writes the settings of the ECS agent and installs the dead man's switch.
//
// The dead man's switch keeps instances from running on for ever if nobody is there to end them: a laptop was closed, or a CI runner is
// gone. An installation of batchd has one lease, an SSM parameter that holds the second (since 1970) until which its instances may run, and renews it. A unit
// of systemd reads it every [PollEvery] with the role of the instance. What it last read holds while SSM cannot be asked. When the
// lease has lapsed, the instance asks ECS to drain it, lets its tasks end for as long as [Lease].Tasks, and powers off, which terminates it.
package userdata
