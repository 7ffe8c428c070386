// Package replay plays a workload, real or made up, through the scheduling machine in virtual time and reports
// how it went: waits, use of the hosts, who got what. The machine is the one that schedules in production; only
// hosts and clock are imagined. Looking for faults is the business of package sim, not of this one.
package replay
