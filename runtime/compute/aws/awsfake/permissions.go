package awsfake

import (
	"fmt"
	"net/http"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// permits returns the error of a call that the policy does not allow, and that of a dry run that it does allow.
func (c *call) permitted() error {
	if err := c.mayTouch("", nil); err != nil {
		return err
	}
	if c.world.policy != nil {
		for _, role := range passed(c.Input) {
			if err := c.mayPass(role, "ecs-tasks.amazonaws.com"); err != nil {
				return err
			}
		}
	}
	if dry := reflect.ValueOf(c.Input).Elem().FieldByName("DryRun"); dry.IsValid() && dry.Kind() == reflect.Pointer && !dry.IsNil() && dry.Elem().Bool() {
		return &Error{Status: http.StatusPreconditionFailed, Code: "DryRunOperation", Message: "Request would have succeeded, but DryRun flag is set."}
	}
	return nil
}

// may returns the error of a call that needs what the policy does not allow: its own action, or another such as iam:PassRole.
func (c *call) may(d demand) error {
	w := c.world
	if w.policy == nil || w.policy.allows(d) {
		return nil
	}
	denied := c.service.denied
	denied.Message = fmt.Sprintf("User: %s is not authorized to perform: %s on resource: %s because no identity-based policy allows the %[2]s action",
		w.user(), d.action, first(d.resource, "*"))
	if denied.Code == "UnauthorizedOperation" {
		denied.Message = "You are not authorized to perform this operation. " + denied.Message
	}
	return &denied
}

// mayTouch returns the error of a call that the policy does not allow on a resource, an ARN, with these tags. An empty one is not known.
func (c *call) mayTouch(resource string, t tags) error {
	if c.world.policy == nil {
		return nil
	}
	return c.may(demand{action: c.Action(), resource: resource, facts: c.requested().andTags(t)})
}

// mayPass returns the error of a caller who may not hand a role to a service.
func (c *call) mayPass(role, service string) error {
	return c.may(demand{action: "iam:PassRole", resource: role, facts: facts{}.and("iam:PassedToService", service)})
}

// passed returns the roles that a task definition hands to ECS, or the overrides of a task.
func passed(input any) (roles []string) {
	for _, name := range []string{"TaskRoleArn", "ExecutionRoleArn"} {
		if role := member(input, name); role != "" {
			roles = append(roles, role)
		}
	}
	if overrides := reflect.ValueOf(input).Elem().FieldByName("Overrides"); overrides.IsValid() && overrides.Kind() == reflect.Pointer && !overrides.IsNil() {
		roles = append(roles, passed(overrides.Interface())...)
	}
	return roles
}

// requested returns the facts that the input of a call says: its region, its tags, its cluster, and the service that a role is for.
func (c *call) requested() facts {
	known := facts{}.and("aws:RequestedRegion", c.world.options.Region)
	var keys []string
	for key, value := range requestedTags(reflect.ValueOf(c.Input).Elem()) {
		known, keys = known.and(requestTag+key, value), append(keys, key)
	}
	if len(keys) > 0 {
		known = known.and(tagKeys, keys...)
	}
	if service := member(c.Input, "AWSServiceName"); service != "" {
		known = known.and("iam:AWSServiceName", service)
	}
	if cluster := member(c.Input, "Cluster"); cluster != "" {
		known = known.and("ecs:cluster", c.world.arn("ecs", "cluster/"+lastPart(cluster)))
	}
	return known
}

// requestedTags returns the tags that an input has in its Tags, or in its TagSpecifications.
func requestedTags(input reflect.Value) tags {
	found := tags{}
	if list := input.FieldByName("Tags"); list.IsValid() && list.Kind() == reflect.Slice {
		for i := range list.Len() {
			tag := list.Index(i).Addr().Interface()
			if key := member(tag, "Key"); key != "" {
				found[key] = member(tag, "Value")
			}
		}
	}
	if list := input.FieldByName("TagSpecifications"); list.IsValid() && list.Kind() == reflect.Slice {
		for i := range list.Len() {
			for key, value := range requestedTags(list.Index(i)) {
				found[key] = value
			}
		}
	}
	return found
}

// member returns a member of an input that is a string; empty if there is none.
func member(input any, name string) string {
	field := reflect.ValueOf(input).Elem().FieldByName(name)
	if !field.IsValid() {
		return ""
	}
	text, _ := field.Interface().(*string)
	return aws.ToString(text)
}
