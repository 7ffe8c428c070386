package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// defaultAuditLines is how many lines of the audit log are printed unless it is said.
const defaultAuditLines = 100

func (r *root) audit() *cobra.Command {
	var q client.AuditQuery
	var denied bool
	var limit int
	command := &cobra.Command{
		Use:   "audit",
		Short: "List the audit log",
		Long: `List the entries of the audit log, the newest first. An entry says who called which action on which resource, from which
address, and whether the call was denied. The command needs the key of an administrator.`,
		Args: exactly(0, "no arguments"),
		RunE: func(c *cobra.Command, _ []string) error {
			if limit < 1 {
				return usageError{fmt.Errorf("--limit is %d; 1 or more is allowed", limit)}
			}
			if c.Flags().Changed("denied") {
				q.Denied = &denied
			}
			runtime, err := r.connect(c.Context())
			if err != nil {
				return err
			}
			lines, err := runtime.NewestAudits(c.Context(), q, limit)
			if err != nil {
				return err
			}
			return r.printAudits(lines)
		},
	}
	flags := command.Flags()
	flags.BoolVar(&denied, "denied", false, "list denied calls only; with --denied=false, list allowed calls only (default: both)")
	flags.IntVar(&limit, "limit", defaultAuditLines, "largest number of entries to list")
	flags.StringVar(&q.Who, "who", "", "list calls of this access key only")
	flags.StringVar(&q.Action, "action", "", "list this action only, for example SubmitJob, or batch:SubmitJob for denied calls")
	return command
}

func (r *root) printAudits(lines []wire.AuditLine) error {
	if r.json() {
		return r.printJSON(append([]wire.AuditLine{}, lines...))
	}
	rows := [][]string{{"AT", "WHO", "ACTION", "RESOURCE", "FROM", "OUTCOME"}}
	for _, line := range lines {
		outcome := "done"
		if line.Denied {
			outcome = "denied"
		}
		rows = append(rows, []string{moment(line.At), dash(line.Who), line.Action, dash(line.Resource), dash(line.Source), outcome})
	}
	return table(r.stdout, rows)
}
