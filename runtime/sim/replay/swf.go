package replay

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Columns of the Standard Workload Format (Feitelson et al.), from 1. -1 in one of them is "not known".
const (
	swfNumber    = 1
	swfSubmit    = 2 // seconds
	swfRun       = 4 // seconds
	swfAllocated = 5
	swfRequested = 8
	swfExpected  = 9 // seconds
	swfUser      = 12
	swfGroup     = 13
	swfQueue     = 15
	swfPartition = 16
	swfColumns   = 18
)

var swfNames = [swfColumns + 1]string{
	swfNumber: "job number", swfSubmit: "submit time", swfRun: "run time", swfAllocated: "allocated processors",
	swfRequested: "requested processors", swfExpected: "requested time",
}

// readSWF reads the Standard Workload Format. A processor is one vCPU and o's memory.
func (w *Workload) readSWF(r io.Reader, o ReadOptions) error {
	known := names{}
	return eachLine(r, func(line string) error {
		if line == "" || line[0] == ';' {
			return nil
		}
		j, skip, err := swfJob(strings.Fields(line), o.MemoryPerProcessor, known)
		switch {
		case err != nil:
			return err
		case skip != "":
			w.Skip(skip)
			return nil
		default:
			return w.Add(j)
		}
	})
}

// swfJob makes a job of the columns of one line; skip is why there is none.
func swfJob(columns []string, memory int64, known names) (j Job, skip string, err error) {
	if len(columns) != swfColumns {
		return j, "", fmt.Errorf("it has %d columns; the Standard Workload Format has %d", len(columns), swfColumns)
	}
	values := map[int]int64{swfSubmit: 0, swfRun: 0, swfAllocated: 0, swfRequested: 0, swfExpected: 0}
	for _, column := range []int{swfSubmit, swfRun, swfAllocated, swfRequested, swfExpected} {
		if values[column], err = swfValue(columns, column); err != nil {
			return j, "", err
		}
	}
	processors := values[swfAllocated]
	if processors <= 0 {
		processors = values[swfRequested]
	}
	switch {
	case values[swfRun] <= 0:
		return j, "the run time is not known or 0", nil
	case processors <= 0:
		return j, "the number of processors is not known or 0", nil
	}
	name := func(column int) string {
		if columns[column-1] == "-1" {
			return ""
		}
		return known.get(columns[column-1])
	}
	j = Job{
		Name: strings.Clone(columns[swfNumber-1]), SubmittedAt: values[swfSubmit] * 1000, DurationMs: values[swfRun] * 1000,
		ExpectedMs: max(values[swfExpected], 0) * 1000, VCPUs: Milli(processors * 1000), MemoryMiB: processors * memory,
		User: name(swfUser), Group: name(swfGroup), Queue: name(swfQueue), Partition: name(swfPartition),
	}
	return j, "", nil
}

// swfValue reads one column. Some logs have fractions, which are cut off.
func swfValue(columns []string, column int) (int64, error) {
	text, _, _ := strings.Cut(columns[column-1], ".")
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < -1 || n > maxAmount/1000 {
		return 0, fmt.Errorf("column %d (%s) is %q; a number of 0 to %d, or -1 for not known, is allowed", column, swfNames[column], columns[column-1], maxAmount/1000)
	}
	return n, nil
}
