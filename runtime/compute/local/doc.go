// Package local runs attempts on this machine: as processes of the holder, which outlive
// batchd, and, through a [ContainerRunner], as containers. It is one host, named
// [batch.LocalHost]. It decides nothing: when and in what order attempts run is the
// scheduler's choice, and what they are is in the order.
package local
