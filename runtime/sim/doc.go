// Package sim tests [sched.Machine] in a simulated world: a virtual clock, users, a store in memory, hosts that
// behave as the LOCAL driver and one of a cloud do, a process that crashes, and faults. Everything follows from a
// seed, so that a run can be repeated to the byte.
//
// After every step three kinds of check are made: laws on rows and machine; an oracle, which compares rows with
// what really happened in the world; and equality of runs that must end alike. The package says nothing about real
// drivers and stores, nor about the engine, whose rounds it imitates.
//
// # How it is used
//
// [Run] plays the story of a seed and returns a [Failure] if a law is broken, with a shortened story. Dice are
// thrown by name, never in sequence, so that a new die does not change old seeds; new dice belong behind new
// options. Planted bugs (tamper.go) show that the laws find what they are for.
//
// # Words
//
//   - world: one story while it is played: users, engine, store, drivers.
//   - plan, step, script: what a seed says that users and the administrator do.
//   - story: the record of what the machine was told and what it answered, as a hash or as text.
//   - turn: a round that is about to be committed, as the laws see it.
//   - law: a property that holds after every step.
//   - truth: what really happened to an attempt, which only the world knows.
//   - stray: a process that an attempt has left behind.
//   - unfit: of a host that cannot start attempts of one kind.
//   - twin, shadow: a slow and simple second computation of what the machine computes.
//
// # Files, in the order to read them
//
//   - seed.go, world.go, agenda.go, dice.go: Run; the world; the agenda of what will happen; dice.
//   - plan.go, script.go, step.go, change.go, feature.go, sharing.go: what users and the administrator do.
//   - people.go, engine.go, store.go, query.go, wire.go: how users call, the imitated engine, its store, and the
//     way to the drivers.
//   - driver.go, machine.go, holder.go, strays.go, unfit.go, launch.go, provisioner.go, physics.go: drivers and
//     hosts, processes left behind, hosts that refuse starts or are launched, environments that are provisioned,
//     and the limits of the world.
//   - faults.go, failure.go: what goes wrong on purpose, and a law that was broken.
//   - laws.go, turn.go, equal.go, story.go, replay.go: the laws that hold for every story, and equality of
//     stories.
//   - oracle.go, orders.go, depend.go: rows and orders against the truth.
//   - ledger.go, shadow.go, placing.go, waiting.go: what is held, what fits and the order of placing.
//   - sharelaw.go, ganglaw.go, limitlaw.go, flightlaw.go, straylaw.go, unfitlaw.go, launchlaw.go, provisionlaw.go,
//     question.go: the laws of one subject each.
//   - tamper.go, shrink.go: planted bugs, and shortening a story.
//   - limits.go: every limit.
package sim
