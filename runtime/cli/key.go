package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

func (r *root) key() *cobra.Command {
	command := &cobra.Command{
		Use:   "key",
		Short: "Manage access keys",
		Long: `Create, list and revoke access keys. Every request is signed with an access key, whose role says what it may do. Each role
includes the ones above it:

  reader     read everything but keys and the audit log
  submitter  submit, cancel, terminate and retry jobs; with --queue, in those queues only
  operator   create, change and delete environments, queues, definitions and everything else but keys
  admin      everything

The key in the state directory, which the commands of this user sign with, is an administrator's.`,
		Args:                       commandOnly,
		RunE:                       func(c *cobra.Command, _ []string) error { return c.Help() },
		SuggestionsMinimumDistance: suggestedEdits,
	}
	command.AddCommand(r.createKey(), r.listKeys(), r.revokeKey())
	return command
}

func (r *root) createKey() *cobra.Command {
	var in wire.CreateKeyRequest
	command := &cobra.Command{
		Use:   "create",
		Short: "Create an access key",
		Long:  `Create an access key and print it with its secret, which cannot be printed again.`,
		Args:  exactly(0, "no arguments"),
		RunE: func(c *cobra.Command, _ []string) error {
			if err := in.Validate(); err != nil {
				return usageError{err}
			}
			runtime, err := r.connect(c.Context())
			if err != nil {
				return err
			}
			key, err := runtime.CreateKey(c.Context(), &in)
			if err != nil {
				return err
			}
			if r.json() {
				return r.printJSON(key)
			}
			_, err = fmt.Fprintf(r.stdout, "export AWS_ACCESS_KEY_ID=%s\nexport AWS_SECRET_ACCESS_KEY=%s\n", quote(key.AccessKeyID), quote(key.SecretAccessKey))
			fmt.Fprintln(r.stderr, "The secret is not shown again.")
			return err
		},
	}
	command.Flags().StringVar(&in.Role, "role", "", "reader, submitter, operator or admin (required)")
	command.Flags().StringArrayVar(&in.Queues, "queue", nil, "job queue that a submitter may use, or a prefix of names followed by *; may be repeated (default: every queue)")
	command.Flags().StringVar(&in.Name, "name", "", "description of the key")
	return command
}

func (r *root) listKeys() *cobra.Command {
	var revoked bool
	command := &cobra.Command{
		Use:   "list",
		Short: "List access keys",
		Args:  exactly(0, "no arguments"),
		RunE: func(c *cobra.Command, _ []string) error {
			runtime, err := r.connect(c.Context())
			if err != nil {
				return err
			}
			keys, err := runtime.AllKeys(c.Context(), revoked)
			if err != nil {
				return err
			}
			if r.json() {
				return r.printJSON(append([]wire.KeySummary{}, keys...))
			}
			rows := [][]string{{"KEY", "ROLE", "QUEUES", "NAME", "CREATED", "BY", "REVOKED"}}
			for _, k := range keys {
				rows = append(rows, []string{
					k.AccessKeyID, k.Role, dash(strings.Join(k.Queues, " ")), dash(k.Name), moment(k.CreatedAt), dash(k.CreatedBy), moment(k.RevokedAt),
				})
			}
			return table(r.stdout, rows)
		},
	}
	command.Flags().BoolVar(&revoked, "revoked", false, "list revoked keys too")
	return command
}

func (r *root) revokeKey() *cobra.Command {
	return &cobra.Command{
		Use:   "revoke KEY...",
		Short: "Revoke access keys",
		Long:  `Revoke access keys. A revoked key is refused at once and cannot be used again.`,
		RunE: func(c *cobra.Command, ids []string) error {
			if len(ids) == 0 {
				return usageError{fmt.Errorf("batchd key revoke takes the ids of access keys")}
			}
			runtime, err := r.connect(c.Context())
			if err != nil {
				return err
			}
			for _, id := range ids {
				if err := runtime.RevokeKey(c.Context(), &wire.RevokeKeyRequest{AccessKeyID: id}); err != nil {
					return err
				}
			}
			return nil
		},
	}
}
