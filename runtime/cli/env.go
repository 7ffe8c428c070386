package cli

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/batchd/terraform-provider-batch/runtime/api/client"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// env prints what AWS tools need. It names the services one by one: AWS_ENDPOINT_URL would send every other
// AWS call of the shell here too.
func (r *root) env() *cobra.Command {
	return &cobra.Command{
		Use:   "env",
		Short: "Print the environment variables for AWS tools",
		Long: `Print shell commands that set the environment variables with which AWS tools call the runtime:

  eval "$(batchd env)"
  aws batch describe-job-queues`,
		Args: exactly(0, "no arguments"),
		RunE: func(c *cobra.Command, _ []string) error {
			target, err := r.awaitTarget(c.Context())
			if err != nil {
				return err
			}
			region := r.region
			if target.Runtime != nil {
				region = cmp.Or(region, target.Runtime.Region)
			}
			region = cmp.Or(region, client.DefaultRegion)
			names := []string{"AWS_ENDPOINT_URL_BATCH", "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", "AWS_ENDPOINT_URL_STS", "AWS_REGION", "AWS_DEFAULT_REGION"}
			values := map[string]string{
				"AWS_ENDPOINT_URL_BATCH": target.Endpoint, "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS": target.Endpoint, "AWS_ENDPOINT_URL_STS": target.Endpoint,
				"AWS_REGION": region, "AWS_DEFAULT_REGION": region,
			}
			if k := target.Credentials; k != nil {
				names = append(names, "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
				values["AWS_ACCESS_KEY_ID"], values["AWS_SECRET_ACCESS_KEY"] = k.AccessKeyID, k.SecretAccessKey
			}
			if file := cmp.Or(r.caFile, os.Getenv(client.EnvCAFile)); file != "" {
				names = append(names, "AWS_CA_BUNDLE")
				values["AWS_CA_BUNDLE"] = file
			}
			if r.json() {
				return r.printJSON(values)
			}
			for _, name := range names {
				if _, err := fmt.Fprintf(r.stdout, "export %s=%s\n", name, quote(values[name])); err != nil {
					return err
				}
			}
			_, err = fmt.Fprintln(r.stdout, "unset AWS_SESSION_TOKEN")
			return err
		},
	}
}

// quote makes a word of text for a POSIX shell.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

func (r *root) doctor() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Diagnose the runtime",
		Long: `Diagnose the runtime and its machine: disk space, store, scheduler, authentication, processes, control groups and Docker. Each
check that finds a problem says how to solve it. The exit code is 1 if a check fails; a warning does not count.`,
		Args: exactly(0, "no arguments"),
		RunE: func(c *cobra.Command, _ []string) error {
			runtime, err := r.connect(c.Context())
			if err != nil {
				return err
			}
			answer, err := runtime.Doctor(c.Context())
			if err != nil {
				return err
			}
			if r.json() {
				return errors.Join(r.printJSON(answer.Checks), verdict(answer.Checks))
			}
			rows := [][]string{{"CHECK", "STATUS", "DETAIL"}}
			for _, check := range answer.Checks {
				detail := check.Detail
				if check.Remedy != "" {
					detail += " → " + check.Remedy
				}
				rows = append(rows, []string{check.Name, check.Status, detail})
			}
			return errors.Join(table(r.stdout, rows), verdict(answer.Checks))
		},
	}
}

// verdict makes a failed check the command's failure; a warning is none.
func verdict(checks []wire.Check) error {
	if slices.ContainsFunc(checks, func(c wire.Check) bool { return c.Status == wire.CheckFail }) {
		return quietError{}
	}
	return nil
}
