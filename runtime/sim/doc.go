// Package sim plays the scheduler in a simulated world: a virtual clock, users, a store in memory, hosts that behave as the
// LOCAL driver and one of a cloud do, a process that crashes, and faults. Everything follows from a seed, so a story can be
// told again to the byte. Three nets hold after every step: laws on rows and machine, an oracle that knows what really
// happened, and equality of stories that must end alike. It is for testing [sched.Machine]; it says nothing about real
// drivers, stores or the engine, whose round it only imitates.
package sim
