package awsfake

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// iamState is Identity and Access Management: roles and instance profiles. It sees every write at once, unlike the real one, which only says so.
type iamState struct {
	world    *World
	roles    map[string]*role
	profiles map[string]*profile
}

// role is a role, with the ARNs of the policies attached to it and its inline policies by name.
type role struct {
	name, path, trust string
	created           time.Time
	tags              tags
	attached          []string
	inline            map[string]string
}

// profile is an instance profile, which holds one role at most.
type profile struct {
	name, role string
	created    time.Time
	tags       tags
}

// openIAM returns Identity and Access Management.
func (w *World) openIAM() *service {
	state := &iamState{world: w, roles: map[string]*role{}, profiles: map[string]*profile{}}
	w.iam = state
	s := queryService("iam", "https://iam.amazonaws.com/doc/2010-05-08/")
	s.leftovers = state.leftovers
	calls := rate{name: "calls", burst: 60, perSecond: 15}
	register(s, state.createRole, calls)
	register(s, state.getRole, calls)
	register(s, state.deleteRole, calls)
	register(s, state.createServiceLinkedRole, calls)
	register(s, state.attachRolePolicy, calls)
	register(s, state.detachRolePolicy, calls)
	register(s, state.listAttachedRolePolicies, calls)
	register(s, state.putRolePolicy, calls)
	register(s, state.getRolePolicy, calls)
	register(s, state.deleteRolePolicy, calls)
	register(s, state.listRolePolicies, calls)
	register(s, state.createInstanceProfile, calls)
	register(s, state.getInstanceProfile, calls)
	register(s, state.deleteInstanceProfile, calls)
	register(s, state.addRoleToInstanceProfile, calls)
	register(s, state.removeRoleFromInstanceProfile, calls)
	register(s, state.listInstanceProfilesForRole, calls)
	register(s, state.simulatePrincipalPolicy, rate{name: "simulations", burst: 10, perSecond: 5})
	return s
}

func noSuchEntity(kind string, name *string) *Error {
	return &Error{Status: 404, Code: "NoSuchEntity", Message: "The " + kind + " with name " + aws.ToString(name) + " cannot be found."}
}

func alreadyExists(kind string, name *string) *Error {
	return &Error{Status: 409, Code: "EntityAlreadyExists", Message: kind + " with name " + aws.ToString(name) + " already exists."}
}

func inUse(message string) *Error {
	return &Error{Status: 409, Code: "DeleteConflict", Message: message}
}

// find returns a role that exists and that the call may touch.
func (s *iamState) find(c *call, name *string) (*role, error) {
	if r := s.roles[aws.ToString(name)]; r != nil {
		return r, c.mayTouch(s.arn(r), r.tags)
	}
	return nil, noSuchEntity("role", name)
}

func (s *iamState) createRole(c *call, in *iam.CreateRoleInput) (*iam.CreateRoleOutput, error) {
	if s.roles[aws.ToString(in.RoleName)] != nil {
		return nil, alreadyExists("Role", in.RoleName)
	}
	r := &role{
		name: aws.ToString(in.RoleName), path: aws.ToString(in.Path), trust: aws.ToString(in.AssumeRolePolicyDocument), created: c.now,
		tags: iamTags(in.Tags), inline: map[string]string{},
	}
	if r.path == "" {
		r.path = "/"
	}
	if err := c.mayTouch(s.arn(r), r.tags); err != nil {
		return nil, err
	}
	s.roles[r.name] = r
	return &iam.CreateRoleOutput{Role: s.describe(r)}, nil
}

// listIAMTags is the inverse of iamTags.
func listIAMTags(t tags) (list []types.Tag) {
	for _, key := range sorted(t) {
		list = append(list, types.Tag{Key: aws.String(key), Value: aws.String(t[key])})
	}
	return list
}

func iamTags(list []types.Tag) tags {
	t := tags{}
	for _, tag := range list {
		t[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return t
}

func (s *iamState) arn(r *role) string { return s.world.arn("iam", "role"+r.path+r.name) }

// describe returns a role as IAM shows it, with its trust policy in the encoding of a URL.
func (s *iamState) describe(r *role) *types.Role {
	shown := &types.Role{
		Arn: aws.String(s.arn(r)), RoleName: aws.String(r.name), RoleId: aws.String("AROA" + r.name), Path: aws.String(r.path),
		CreateDate: aws.Time(r.created), AssumeRolePolicyDocument: aws.String(escaped(r.trust)), MaxSessionDuration: aws.Int32(3600),
	}
	shown.Tags = listIAMTags(r.tags)
	return shown
}

// escaped returns a policy document as IAM shows it: in the encoding of a URL, with %20 for a space.
func escaped(document string) string {
	return strings.ReplaceAll(url.QueryEscape(document), "+", "%20")
}

func (s *iamState) getRole(c *call, in *iam.GetRoleInput) (*iam.GetRoleOutput, error) {
	r, err := s.find(c, in.RoleName)
	if err != nil {
		return nil, err
	}
	return &iam.GetRoleOutput{Role: s.describe(r)}, nil
}

func (s *iamState) deleteRole(c *call, in *iam.DeleteRoleInput) (*iam.DeleteRoleOutput, error) {
	r, err := s.find(c, in.RoleName)
	switch {
	case err != nil:
		return nil, err
	case len(r.attached) > 0:
		return nil, inUse("Cannot delete entity, must detach all policies first.")
	case len(r.inline) > 0:
		return nil, inUse("Cannot delete entity, must delete policies first.")
	case slices.ContainsFunc(s.profileList(), func(p *profile) bool { return p.role == r.name }):
		return nil, inUse("Cannot delete entity, must remove roles from instance profile first.")
	}
	delete(s.roles, r.name)
	return &iam.DeleteRoleOutput{}, nil
}

// serviceLinked are the names of the roles of services, by service.
var serviceLinked = map[string]string{
	"spot.amazonaws.com":      "AWSServiceRoleForEC2Spot",
	"spotfleet.amazonaws.com": "AWSServiceRoleForEC2SpotFleet",
	"ec2fleet.amazonaws.com":  "AWSServiceRoleForEC2Fleet",
	"ecs.amazonaws.com":       "AWSServiceRoleForECS",
}

func (s *iamState) createServiceLinkedRole(c *call, in *iam.CreateServiceLinkedRoleInput) (*iam.CreateServiceLinkedRoleOutput, error) {
	name, known := serviceLinked[aws.ToString(in.AWSServiceName)]
	if !known {
		return nil, refuse("InvalidInput", "%s is not a service that has a linked role", aws.ToString(in.AWSServiceName))
	}
	if s.roles[name] != nil {
		return nil, refuse("InvalidInput", "Service role name %s has been taken in this account, please try a different suffix.", name)
	}
	r := &role{name: name, path: "/aws-service-role/" + aws.ToString(in.AWSServiceName) + "/", created: c.now, inline: map[string]string{}}
	s.roles[name] = r
	return &iam.CreateServiceLinkedRoleOutput{Role: s.describe(r)}, nil
}

// leftovers lists roles and profiles. Those that services made for themselves stay in any account.
func (s *iamState) leftovers(installation string) (lines []string) {
	for _, name := range sorted(s.roles) {
		if r := s.roles[name]; r.tags != nil && r.tags.of(installation) {
			lines = append(lines, "iam role "+name)
		}
	}
	for _, name := range sorted(s.profiles) {
		if s.profiles[name].tags.of(installation) {
			lines = append(lines, "iam instance profile "+name)
		}
	}
	return lines
}
