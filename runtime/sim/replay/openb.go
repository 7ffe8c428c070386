package replay

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Columns of the openb traces. gpu_spec and model, the kind of GPU, are read over: hosts here have GPUs of one kind.
var (
	podColumns = []string{
		"name", "cpu_milli", "memory_mib", "num_gpu", "gpu_milli", "gpu_spec", "qos", "pod_phase", "creation_time", "deletion_time", "scheduled_time",
	}
	podNumbers  = [...]string{"creation_time", "scheduled_time", "deletion_time", "cpu_milli", "memory_mib", "num_gpu", "gpu_milli"}
	nodeColumns = []string{"sn", "cpu_milli", "memory_mib", "gpu", "model"}
)

const wholeGPU = 1000 // gpu_milli of a pod that shares its GPU with nobody

// readPods reads the pods of the openb traces. A pod ran from when it was scheduled until it was deleted.
func (w *Workload) readPods(r io.Reader) error {
	known, rounded, constrained := names{}, 0, 0
	err := eachRecord(r, podColumns, func(cell func(string) string, number func(string) (int64, error)) error {
		if cell("pod_phase") == "Pending" || cell("scheduled_time") == "" {
			w.Skip("the pod was never scheduled")
			return nil
		}
		var n [len(podNumbers)]int64
		for i, column := range podNumbers {
			var err error
			if n[i], err = number(column); err != nil {
				return err
			}
		}
		created, scheduled, deleted, cpu, memory, gpus, share := n[0], n[1], n[2], n[3], n[4], n[5], n[6]
		if deleted <= scheduled {
			w.Skip("the run time is not known or 0")
			return nil
		}
		if gpus > 0 && share < wholeGPU {
			rounded++
		}
		if cell("gpu_spec") != "" {
			constrained++
		}
		return w.Add(Job{
			Name: strings.Clone(cell("name")), Queue: known.get(cell("qos")), SubmittedAt: created * 1000, DurationMs: (deleted - scheduled) * 1000,
			VCPUs: Milli(cpu), MemoryMiB: max(memory, minMemoryMiB), GPUs: gpus,
		})
	})
	if rounded > 0 {
		w.Notes = append(w.Notes, fmt.Sprintf("%d jobs asked for a share of a GPU and are given a whole one", rounded))
	}
	if constrained > 0 {
		w.Notes = append(w.Notes, fmt.Sprintf("%d jobs asked for a model of GPU and are given any", constrained))
	}
	return err
}

// ReadNodes reads the nodes of the openb traces as hosts, plain or gzip.
func ReadNodes(r io.Reader) ([]HostSpec, error) {
	plain, err := unpack(r)
	if err != nil {
		return nil, err
	}
	var hosts []HostSpec
	err = eachRecord(plain, nodeColumns, func(cell func(string) string, number func(string) (int64, error)) error {
		h := HostSpec{Name: cell("sn"), Count: 1}
		cpu, err := number("cpu_milli")
		if err != nil {
			return err
		}
		h.VCPUs = Milli(cpu)
		if h.MemoryMiB, err = number("memory_mib"); err != nil {
			return err
		}
		h.GPUs, err = number("gpu")
		hosts = append(hosts, h)
		return err
	})
	if err == nil && len(hosts) == 0 {
		err = errors.New("the list of nodes is empty; give one with at least one node")
	}
	return hosts, err
}

// Thin keeps about percent of the hosts, up to 100, spread evenly over the list, so that the mix stays what it was.
func Thin(hosts []HostSpec, percent Milli) []HostSpec {
	const whole = 100 * 1000
	var kept []HostSpec
	for i, h := range hosts {
		if Milli(i+1)*percent/whole > Milli(i)*percent/whole {
			kept = append(kept, h)
		}
	}
	return kept
}

// eachRecord calls do with every record of a CSV file whose first line names exactly those columns, in any order.
func eachRecord(r io.Reader, columns []string, do func(cell func(string) string, number func(string) (int64, error)) error) error {
	reader := csv.NewReader(r)
	reader.ReuseRecord = true
	heads, err := reader.Read()
	switch {
	case errors.Is(err, io.EOF):
		return errors.New("the file is empty; its first line must name the columns")
	case err != nil:
		return err
	}
	at := map[string]int{}
	for i, head := range heads {
		if !slices.Contains(columns, head) {
			return fmt.Errorf("line 1: column %d is %q; the columns are %q", i+1, head, columns)
		}
		at[head] = i
	}
	for _, column := range columns {
		if _, ok := at[column]; !ok {
			return fmt.Errorf("line 1: there is no column %q; the columns are %q", column, columns)
		}
	}
	for {
		record, err := reader.Read()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		line, _ := reader.FieldPos(0)
		cell := func(column string) string { return record[at[column]] }
		number := func(column string) (int64, error) {
			n, err := strconv.ParseInt(cell(column), 10, 64)
			if err != nil || n < 0 || n > maxAmount/1000 {
				return 0, fmt.Errorf("%s is %q; a number of 0 to %d is allowed", column, cell(column), maxAmount/1000)
			}
			return n, nil
		}
		if err := do(cell, number); err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
	}
}
