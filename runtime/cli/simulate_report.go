package cli

import (
	"fmt"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/sim/replay"
)

// shownShares is how many shares the text names; JSON has all.
const shownShares = 20

// printSimulation prints a [replay.Report] or [replay.Comparison] as text.
func (r *root) printSimulation(answer any) error {
	switch answer := answer.(type) {
	case *replay.Report:
		return r.printReport(answer)
	case *replay.Comparison:
		return r.printComparison(answer)
	default:
		return fmt.Errorf("a simulation cannot be printed as %T", answer)
	}
}

func (r *root) printReport(report *replay.Report) error {
	if err := table(r.stdout, aboutRows(report)); err != nil {
		return err
	}
	for _, rows := range [][][]string{spreadRows([]*replay.Report{report}, []string{""}), useRows(report), reasonRows(report)} {
		if err := r.printBlock(rows); err != nil {
			return err
		}
	}
	return nil
}

func (r *root) printComparison(both *replay.Comparison) error {
	if err := table(r.stdout, aboutRows(&both.With)); err != nil {
		return err
	}
	d := &both.Difference
	blocks := [][][]string{
		spreadRows([]*replay.Report{&both.With, &both.Without}, []string{"with backfill", "without"}),
		{
			{"DIFFERENCE", "MEAN WAIT", "OF WITHOUT", "MAKESPAN"},
			{"with - without", difference(d.MeanWaitMs), d.MeanWait.Percent(), difference(d.MakespanMs)},
		},
		{
			{"STARTS WITH - WITHOUT", "EARLIER", "SAME", "LATER", "MIN", "MEAN", "P50", "P90", "P99", "MAX", "P50 OF LATER", "P90 OF LATER"},
			shiftRow("all jobs", d.Jobs), shiftRow("heads held back", d.Heads),
		},
		reasonRows(&both.With),
	}
	for _, rows := range blocks {
		if err := r.printBlock(rows); err != nil {
			return err
		}
	}
	return nil
}

// printBlock prints a table after an empty line; nothing if it has heads only.
func (r *root) printBlock(rows [][]string) error {
	if len(rows) < 2 {
		return nil
	}
	if _, err := fmt.Fprintln(r.stdout); err != nil {
		return err
	}
	return table(r.stdout, rows)
}

// aboutRows says what was played, and where.
func aboutRows(report *replay.Report) [][]string {
	j, c := report.Jobs, report.Capacity
	rows := [][]string{
		{"workload", fmt.Sprintf("%d jobs in %d submissions over %s", j.Total, j.Submissions, lasting(report.SpanMs))},
		{"hosts", fmt.Sprintf("%d with %s vCPUs, %d MiB, %d GPUs", c.Hosts, c.VCPUs, c.MemoryMiB, c.GPUs)},
		{"jobs", fmt.Sprintf("%d succeeded, %d killed at their time limit, %d never placed", j.Succeeded, j.Killed, j.NeverPlaced)},
	}
	for _, s := range report.Skipped {
		rows = append(rows, []string{"skipped", fmt.Sprintf("%d: %s", s.Jobs, s.What)})
	}
	for _, note := range report.Notes {
		rows = append(rows, []string{"note", note})
	}
	return rows
}

// spreadRows shows the figures of reports, a block of columns the same for each.
func spreadRows(reports []*replay.Report, names []string) [][]string {
	rows := [][]string{{"", "MEAN", "P50", "P90", "P99", "MAX"}}
	for i, report := range reports {
		w, s := report.Wait, report.Slowdown
		rows = append(rows,
			[]string{label("wait", names[i]), lasting(w.Mean), lasting(w.P50), lasting(w.P90), lasting(w.P99), lasting(w.Max)},
			[]string{label("bounded slowdown", names[i]), s.Mean.Fixed(2), s.P50.Fixed(2), s.P90.Fixed(2), s.P99.Fixed(2), s.Max.Fixed(2)})
	}
	rows = append(rows, []string{"", "VCPUS", "MEMORY", "GPUS", "MAKESPAN", "ROUNDS"})
	for i, report := range reports {
		u := report.Utilisation
		rows = append(rows, []string{
			label("used", names[i]), u.VCPUs.Percent(), u.Memory.Percent(), u.GPUs.Percent(), lasting(report.MakespanMs), fmt.Sprint(report.Rounds),
		})
	}
	return rows
}

func label(what, name string) string {
	if name == "" {
		return what
	}
	return what + ", " + name
}

// useRows shows what queues and their shares used.
func useRows(report *replay.Report) [][]string {
	rows := [][]string{{"QUEUE", "SHARE", "JOBS", "VCPU-SECONDS", "PART", "MEAN WAIT", "P90 WAIT"}}
	for _, u := range report.Queues {
		rows = append(rows, useRow(u))
	}
	for i, u := range report.Shares {
		if i == shownShares {
			rows = append(rows, []string{"", fmt.Sprintf("and %d more", len(report.Shares)-i), "", "", "", "", ""})
			break
		}
		rows = append(rows, useRow(u))
	}
	return rows
}

func useRow(u replay.Use) []string {
	return []string{u.Queue, dash(u.Share), fmt.Sprint(u.Jobs), u.VCPUSeconds.Fixed(0), u.Fraction.Percent(), lasting(u.Wait.Mean), lasting(u.Wait.P90)}
}

func reasonRows(report *replay.Report) [][]string {
	rows := [][]string{{"NEVER PLACED", "WHY", "FOR EXAMPLE"}}
	for _, n := range report.NeverPlaced {
		rows = append(rows, []string{fmt.Sprint(n.Jobs), n.Code, n.Sentence})
	}
	return rows
}

func shiftRow(name string, s replay.Shift) []string {
	return []string{
		name, fmt.Sprint(s.Earlier), fmt.Sprint(s.Same), fmt.Sprint(s.Later), difference(s.MinMs), difference(s.By.Mean), difference(s.By.P50),
		difference(s.By.P90), difference(s.By.P99), difference(s.By.Max), lasting(s.LaterBy.P50), lasting(s.LaterBy.P90),
	}
}

// lasting prints milliseconds: to the millisecond below a minute, to the second above.
func lasting(ms int64) string {
	d := time.Duration(ms) * time.Millisecond
	switch {
	case d == 0:
		return "0s"
	case d > -time.Minute && d < time.Minute:
		return d.String()
	case d > -48*time.Hour && d < 48*time.Hour:
		return d.Round(time.Second).String()
	default:
		const day = 24 * time.Hour
		return fmt.Sprintf("%dd%s", d/day, (d % day).Abs().Round(time.Second))
	}
}

// difference is lasting with a sign.
func difference(ms int64) string {
	if ms > 0 {
		return "+" + lasting(ms)
	}
	return lasting(ms)
}
