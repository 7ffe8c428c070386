package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

func (r *root) explain() *cobra.Command {
	return &cobra.Command{
		Use:   "explain JOB",
		Short: "Explain why a job is not running",
		Long: `Explain why a job is not running, what would help, and when it is expected to start. The codes are listed in the guide "Why a
job waits".`,
		Args: exactly(1, "the id of a job"),
		RunE: func(c *cobra.Command, args []string) error {
			runtime, err := r.connect(c.Context())
			if err != nil {
				return err
			}
			x, err := runtime.ExplainJob(c.Context(), &wire.ExplainJobRequest{JobID: args[0]})
			if err != nil {
				return err
			}
			if r.json() {
				return r.printJSON(x)
			}
			return table(r.stdout, explanation(x, time.Now()))
		},
	}
}

// explanation is the rows of an answer; what is not known has none.
func explanation(x *wire.ExplainJobResponse, now time.Time) [][]string {
	rows := [][]string{{"Job", x.JobID}, {"Status", x.Status}}
	if x.Code != x.Status {
		rows = append(rows, []string{"Code", x.Code})
	}
	rows = append(rows, outlook(x.Sentence, x.Remedy, x.Position)...)
	if x.ExpectedStart != 0 {
		rows = append(rows, []string{"Starts", expected(x.ExpectedStart, now)})
	}
	if x.Basis != "" {
		rows = append(rows, []string{"Basis", x.Basis})
	}
	if len(x.WaitsFor) > 0 {
		rows = append(rows, []string{"Waits for", strings.Join(x.WaitsFor, " ")})
	}
	return rows
}

// outlook is the rows that explain and plan have in common.
func outlook(sentence, remedy string, position int64) [][]string {
	var rows [][]string
	if sentence != "" {
		rows = append(rows, []string{"Why", sentence})
	}
	if remedy != "" {
		rows = append(rows, []string{"Remedy", remedy})
	}
	if position > 0 {
		rows = append(rows, []string{"Position", fmt.Sprintf("%d in its queue", position)})
	}
	return rows
}

// expected prints a moment that may come, and how far off it is.
func expected(ms int64, now time.Time) string {
	off := time.UnixMilli(ms).Sub(now)
	if off < time.Second {
		return moment(ms) + "  now"
	}
	return moment(ms) + "  in " + off.Round(time.Second).String()
}
