package awsfake

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

func (s *iamState) attachRolePolicy(c *call, in *iam.AttachRolePolicyInput) (*iam.AttachRolePolicyOutput, error) {
	r, err := s.find(c, in.RoleName)
	if err != nil {
		return nil, err
	}
	if arn := aws.ToString(in.PolicyArn); !slices.Contains(r.attached, arn) {
		r.attached = append(r.attached, arn)
	}
	return &iam.AttachRolePolicyOutput{}, nil
}

func (s *iamState) detachRolePolicy(c *call, in *iam.DetachRolePolicyInput) (*iam.DetachRolePolicyOutput, error) {
	r, err := s.find(c, in.RoleName)
	if err != nil {
		return nil, err
	}
	at := slices.Index(r.attached, aws.ToString(in.PolicyArn))
	if at < 0 {
		return nil, &Error{Status: 404, Code: "NoSuchEntity", Message: "Policy " + aws.ToString(in.PolicyArn) + " was not found."}
	}
	r.attached = slices.Delete(r.attached, at, at+1)
	return &iam.DetachRolePolicyOutput{}, nil
}

func (s *iamState) listAttachedRolePolicies(c *call, in *iam.ListAttachedRolePoliciesInput) (*iam.ListAttachedRolePoliciesOutput, error) {
	r, err := s.find(c, in.RoleName)
	if err != nil {
		return nil, err
	}
	out := &iam.ListAttachedRolePoliciesOutput{}
	for _, arn := range r.attached {
		out.AttachedPolicies = append(out.AttachedPolicies, types.AttachedPolicy{PolicyArn: aws.String(arn), PolicyName: aws.String(lastPart(arn))})
	}
	return out, nil
}

func (s *iamState) putRolePolicy(c *call, in *iam.PutRolePolicyInput) (*iam.PutRolePolicyOutput, error) {
	r, err := s.find(c, in.RoleName)
	if err != nil {
		return nil, err
	}
	r.inline[aws.ToString(in.PolicyName)] = aws.ToString(in.PolicyDocument)
	return &iam.PutRolePolicyOutput{}, nil
}

func (s *iamState) getRolePolicy(c *call, in *iam.GetRolePolicyInput) (*iam.GetRolePolicyOutput, error) {
	r, err := s.find(c, in.RoleName)
	if err != nil {
		return nil, err
	}
	document, ok := r.inline[aws.ToString(in.PolicyName)]
	if !ok {
		return nil, noSuchEntity("role policy", in.PolicyName)
	}
	return &iam.GetRolePolicyOutput{RoleName: in.RoleName, PolicyName: in.PolicyName, PolicyDocument: aws.String(escaped(document))}, nil
}

func (s *iamState) deleteRolePolicy(c *call, in *iam.DeleteRolePolicyInput) (*iam.DeleteRolePolicyOutput, error) {
	r, err := s.find(c, in.RoleName)
	if err != nil {
		return nil, err
	}
	if _, ok := r.inline[aws.ToString(in.PolicyName)]; !ok {
		return nil, noSuchEntity("role policy", in.PolicyName)
	}
	delete(r.inline, aws.ToString(in.PolicyName))
	return &iam.DeleteRolePolicyOutput{}, nil
}

func (s *iamState) listRolePolicies(c *call, in *iam.ListRolePoliciesInput) (*iam.ListRolePoliciesOutput, error) {
	r, err := s.find(c, in.RoleName)
	if err != nil {
		return nil, err
	}
	return &iam.ListRolePoliciesOutput{PolicyNames: sorted(r.inline)}, nil
}

// simulatePrincipalPolicy says what the user of the account may do, whoever is asked about.
func (s *iamState) simulatePrincipalPolicy(c *call, in *iam.SimulatePrincipalPolicyInput) (*iam.SimulatePrincipalPolicyOutput, error) {
	resources := in.ResourceArns
	if len(resources) == 0 {
		resources = []string{"*"}
	}
	out := &iam.SimulatePrincipalPolicyOutput{}
	for _, action := range in.ActionNames {
		for _, resource := range resources {
			decision := types.PolicyEvaluationDecisionTypeAllowed
			if p := s.world.policy; p != nil && !p.allows(demand{action: action, resource: resource, facts: simulated(in.ContextEntries)}) {
				decision = types.PolicyEvaluationDecisionTypeImplicitDeny
			}
			out.EvaluationResults = append(out.EvaluationResults, types.EvaluationResult{
				EvalActionName: aws.String(action), EvalResourceName: aws.String(resource), EvalDecision: decision,
			})
		}
	}
	return out, nil
}

// simulated returns the facts that a simulation is given.
func simulated(entries []types.ContextEntry) facts {
	given := facts{}
	for _, entry := range entries {
		given = given.and(aws.ToString(entry.ContextKeyName), entry.ContextKeyValues...)
	}
	return given
}
