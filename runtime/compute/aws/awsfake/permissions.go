package awsfake

import (
	"fmt"
	"net/http"
	"reflect"
)

// permits returns the error of a call that the policy does not allow, and that of a dry run that it does allow.
func (w *World) permits(op *operation, c *call) error {
	if err := c.may(op.action(), ""); err != nil {
		return err
	}
	if dry := reflect.ValueOf(c.Input).Elem().FieldByName("DryRun"); dry.IsValid() && dry.Kind() == reflect.Pointer && !dry.IsNil() && dry.Elem().Bool() {
		return &Error{Status: http.StatusPreconditionFailed, Code: "DryRunOperation", Message: "Request would have succeeded, but DryRun flag is set."}
	}
	return nil
}

// may returns the error of a call that needs an action that the policy does not allow on a resource: its own action, or another such as iam:PassRole.
// An empty resource stands for one that is not known, for which any that the policy allows will do.
func (c *call) may(action, resource string) error {
	w := c.world
	if w.policy == nil || w.policy.allows(action, resource) {
		return nil
	}
	denied := c.service.denied
	denied.Message = fmt.Sprintf("User: arn:aws:iam::%s:user/owner is not authorized to perform: %s on resource: %s because no identity-based policy allows the %[2]s action", w.options.Account, action, resource)
	if denied.Code == "UnauthorizedOperation" {
		denied.Message = "You are not authorized to perform this operation. " + denied.Message
	}
	return &denied
}
