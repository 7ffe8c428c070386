package aws

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/logs"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/tasks"
	"github.com/batchd/terraform-provider-batch/runtime/joblog"
)

// LogKind is the kind of the logs that [Driver.Logs] reads.
const LogKind = tasks.LogKind

// Logs returns the reader of the output of attempts.
func (d *Driver) Logs() joblog.Reader {
	return logs.New(func(ctx context.Context, name string) (*cloudwatchlogs.Client, error) {
		a, err := d.account(ctx, accountNamed(name))
		if err != nil {
			return nil, err
		}
		return a.logs, nil
	})
}

// logAccount names an account in references to logs, by how it was chosen. The mutex is held.
func (d *Driver) logAccount(a *account) string {
	for key, known := range d.accounts {
		if known == a {
			return key.profile + "@" + key.region
		}
	}
	return "@" + a.region
}

// accountNamed is the inverse of logAccount. A profile may contain an @, and a region does not.
func accountNamed(name string) accountKey {
	at := strings.LastIndexByte(name, '@')
	return accountKey{profile: name[:max(at, 0)], region: name[at+1:]}
}
