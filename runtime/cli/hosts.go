package cli

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

func (r *root) hosts() *cobra.Command {
	q := wire.ListHostsRequest{}
	command := &cobra.Command{
		Use:   "hosts",
		Short: "List hosts and what runs on them",
		Long: `List the hosts that jobs run on, and those that are on their way: this machine, the instances that were launched for environments
of an AWS account, and the container instances of UNMANAGED ones. PRICE is in US dollars an hour, as it was when the host was launched.`,
		Args: exactly(0, "no arguments"),
		RunE: func(c *cobra.Command, _ []string) error {
			runtime, err := r.connect(c.Context())
			if err != nil {
				return err
			}
			answer, err := runtime.ListHosts(c.Context(), &q)
			if err != nil {
				return err
			}
			if r.json() {
				return r.printJSON(answer)
			}
			return table(r.stdout, fitted(hostRows(answer.Hosts, time.Now()), terminalWidth(r.stdout), "ZONE", "MEMORY", "PRICE"))
		},
	}
	command.Flags().StringVar(&q.ComputeEnvironment, "environment", "", "list hosts of this compute environment only")
	return command
}

// hostRows is the table of hosts, with its heads.
func hostRows(hosts []wire.HostDetail, now time.Time) [][]string {
	rows := [][]string{{"HOST", "ENVIRONMENT", "STAGE", "SINCE", "TYPE", "ZONE", "PRICE", "VCPUS", "MEMORY", "JOBS"}}
	for _, h := range hosts {
		since, price := "", ""
		if h.Since != 0 {
			since = now.Sub(time.UnixMilli(h.Since)).Round(time.Second).String()
		}
		if h.MicroUSDPerHour != 0 {
			price = fmt.Sprintf("%.4f", float64(h.MicroUSDPerHour)/1e6)
		}
		kind := cmp.Or(h.InstanceType, h.Type)
		if h.Market == "SPOT" {
			kind += " (Spot)"
		}
		rows = append(rows, []string{
			cmp.Or(h.Name, h.ID), strings.Join(h.ComputeEnvironments, " "), h.Stage, since, kind, h.AvailabilityZone, price,
			fmt.Sprintf("%g/%g", h.Used.VCPUs, h.Capacity.VCPUs), fmt.Sprintf("%d/%d MiB", h.Used.MemoryMiB, h.Capacity.MemoryMiB), runsThere(h),
		})
	}
	return rows
}

// runsThere names what runs on a host: a job or two, and how many more.
func runsThere(h wire.HostDetail) string {
	const named = 2
	jobs := h.Jobs[:min(named, len(h.Jobs))]
	text := strings.Join(jobs, " ")
	if more := h.Live - len(jobs); more > 0 {
		text = strings.TrimSpace(fmt.Sprintf("%s +%d", text, more))
	}
	return text
}
