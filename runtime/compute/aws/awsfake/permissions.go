package awsfake

import (
	"fmt"
	"maps"
	"net/http"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Needed returns the actions that a policy has to allow for the calls that were made: their own, and those that they need besides, such as
// iam:PassRole. They are sorted.
func (w *World) Needed() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return sorted(w.needed)
}

// permitted returns the error of a call that the policy does not allow, and that of a dry run that it does allow.
func (c *call) permitted() error {
	if err := c.mayTouch("", nil); err != nil {
		return err
	}
	if err := c.mayTag(); err != nil {
		return err
	}
	for _, role := range passed(c.Input) {
		if err := c.mayPass(role, "ecs-tasks.amazonaws.com"); err != nil {
			return err
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
	if c.within {
		return nil
	}
	w.needed[d.action] = true
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
	if c.world.policy == nil { // the facts are not looked at
		return c.may(demand{action: c.Action()})
	}
	return c.may(demand{action: c.Action(), resource: resource, facts: c.requested().andTags(t)})
}

// tagging are the actions that a call needs besides its own if it makes something with tags, by service and for IAM by call.
var tagging = map[string]string{
	"ec2": "ec2:CreateTags", "ecs": "ecs:TagResource", "ssm": "ssm:AddTagsToResource", "sqs": "sqs:TagQueue", "logs": "logs:TagResource",
	"events": "events:TagResource", "iam:CreateRole": "iam:TagRole", "iam:CreateInstanceProfile": "iam:TagInstanceProfile",
}

// mayTag returns the error of a caller who may make something, but not with tags.
func (c *call) mayTag() error {
	action := first(tagging[c.Service], tagging[c.Action()])
	switch {
	case action == "", action == c.Action(), c.Operation == "DeleteTags", len(requestedTags(reflect.ValueOf(c.Input).Elem())) == 0:
		return nil
	}
	return c.may(demand{action: action, facts: c.requested().and("ec2:CreateAction", c.Operation)})
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

// requestedTags returns the tags that an input has in its Tags, which are a list or a map, or in its TagSpecifications.
func requestedTags(input reflect.Value) tags {
	found := tags{}
	list := input.FieldByName("Tags")
	switch {
	case !list.IsValid():
	case list.Kind() == reflect.Slice:
		for i := range list.Len() {
			tag := list.Index(i).Addr().Interface()
			found[member(tag, "Key")] = member(tag, "Value")
		}
	case list.Kind() == reflect.Map:
		for _, key := range list.MapKeys() {
			found[key.String()] = list.MapIndex(key).String()
		}
	}
	if specifications := input.FieldByName("TagSpecifications"); specifications.IsValid() {
		for i := range specifications.Len() {
			maps.Copy(found, requestedTags(specifications.Index(i)))
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
