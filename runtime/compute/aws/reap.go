package aws

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// reapInstance ends an instance of this installation that no row names, once it is so old that its row would have been told. The mutex is held.
func (d *Driver) reapInstance(a *account, one *ec2types.Instance) {
	launched := aws.ToTime(one.LaunchTime)
	if !alive(one) || time.Since(launched) < strangerAfter || time.Since(d.opened) < strangerAfter {
		return
	}
	if e := d.environments[tagOf(one.Tags, tagEnvironment)]; e != nil && e.account != nil && e.account != a {
		return // it is seen with the credentials of its own environment
	}
	d.endInstance(a, aws.ToString(one.InstanceId), "no host is this instance")
}

// reapTemplates removes the launch templates of e that are of another spec than its own.
func (d *Driver) reapTemplates(ctx context.Context, e *environment) error {
	d.mu.Lock()
	a, s, row := e.account, e.site, e.row
	d.mu.Unlock()
	b := &builder{d, a, &row, resourcesOf(&row)}
	found, err := b.describeTemplates(ctx)
	if err != nil {
		return err
	}
	for _, t := range found {
		if tagOf(t.Tags, tagSpec) != s.spec {
			err = errors.Join(err, a.deleteTemplate(ctx, aws.ToString(t.LaunchTemplateId)))
		}
	}
	return err
}

// deleteTemplate removes a launch template. That it does not exist is as good.
func (a *account) deleteTemplate(ctx context.Context, id string) error {
	_, err := a.ec2.DeleteLaunchTemplate(ctx, &ec2.DeleteLaunchTemplateInput{LaunchTemplateId: aws.String(id)})
	if isCode(err, "InvalidLaunchTemplateId.NotFound", "InvalidLaunchTemplateName.NotFoundException") {
		return nil
	}
	return err
}
