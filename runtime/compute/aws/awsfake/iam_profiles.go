package awsfake

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// lastPart returns what follows the last slash of an ARN or a path.
func lastPart(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

// findProfile returns an instance profile that exists and that the call may touch.
func (s *iamState) findProfile(c *call, name *string) (*profile, error) {
	if p := s.profiles[aws.ToString(name)]; p != nil {
		return p, c.mayTouch(s.world.arn("iam", "instance-profile/"+p.name), p.tags)
	}
	return nil, noSuchEntity("instance profile", name)
}

// profileList returns the profiles in the order of their names.
func (s *iamState) profileList() (list []*profile) {
	for _, name := range sorted(s.profiles) {
		list = append(list, s.profiles[name])
	}
	return list
}

func (s *iamState) describeProfile(p *profile) *types.InstanceProfile {
	shown := &types.InstanceProfile{
		Arn: aws.String(s.world.arn("iam", "instance-profile/"+p.name)), InstanceProfileName: aws.String(p.name), InstanceProfileId: aws.String("AIPA" + p.name),
		Path: aws.String("/"), CreateDate: aws.Time(p.created), Roles: []types.Role{}, Tags: listIAMTags(p.tags),
	}
	if r := s.roles[p.role]; r != nil {
		shown.Roles = append(shown.Roles, *s.describe(r))
	}
	return shown
}

func (s *iamState) createInstanceProfile(c *call, in *iam.CreateInstanceProfileInput) (*iam.CreateInstanceProfileOutput, error) {
	name := aws.ToString(in.InstanceProfileName)
	if s.profiles[name] != nil {
		return nil, alreadyExists("Instance Profile", in.InstanceProfileName)
	}
	p := &profile{name: name, created: c.now, tags: iamTags(in.Tags)}
	if err := c.mayTouch(s.world.arn("iam", "instance-profile/"+name), p.tags); err != nil {
		return nil, err
	}
	s.profiles[name] = p
	return &iam.CreateInstanceProfileOutput{InstanceProfile: s.describeProfile(p)}, nil
}

func (s *iamState) getInstanceProfile(c *call, in *iam.GetInstanceProfileInput) (*iam.GetInstanceProfileOutput, error) {
	p, err := s.findProfile(c, in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	return &iam.GetInstanceProfileOutput{InstanceProfile: s.describeProfile(p)}, nil
}

func (s *iamState) deleteInstanceProfile(c *call, in *iam.DeleteInstanceProfileInput) (*iam.DeleteInstanceProfileOutput, error) {
	p, err := s.findProfile(c, in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	if p.role != "" {
		return nil, inUse("Cannot delete entity, must remove roles from instance profile first.")
	}
	delete(s.profiles, p.name)
	return &iam.DeleteInstanceProfileOutput{}, nil
}

func (s *iamState) addRoleToInstanceProfile(c *call, in *iam.AddRoleToInstanceProfileInput) (*iam.AddRoleToInstanceProfileOutput, error) {
	p, err := s.findProfile(c, in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	r, err := s.find(c, in.RoleName)
	if err != nil {
		return nil, err
	}
	if err := c.mayPass(s.arn(r), "ec2.amazonaws.com"); err != nil {
		return nil, err
	}
	if p.role != "" {
		return nil, &Error{Status: 409, Code: "LimitExceeded", Message: "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1"}
	}
	p.role = r.name
	return &iam.AddRoleToInstanceProfileOutput{}, nil
}

func (s *iamState) removeRoleFromInstanceProfile(c *call, in *iam.RemoveRoleFromInstanceProfileInput) (*iam.RemoveRoleFromInstanceProfileOutput, error) {
	p, err := s.findProfile(c, in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	if p.role != aws.ToString(in.RoleName) {
		return nil, noSuchEntity("role", in.RoleName)
	}
	p.role = ""
	return &iam.RemoveRoleFromInstanceProfileOutput{}, nil
}

func (s *iamState) listInstanceProfilesForRole(c *call, in *iam.ListInstanceProfilesForRoleInput) (*iam.ListInstanceProfilesForRoleOutput, error) {
	r, err := s.find(c, in.RoleName)
	if err != nil {
		return nil, err
	}
	out := &iam.ListInstanceProfilesForRoleOutput{InstanceProfiles: []types.InstanceProfile{}}
	for _, p := range s.profileList() {
		if p.role == r.name {
			out.InstanceProfiles = append(out.InstanceProfiles, *s.describeProfile(p))
		}
	}
	return out, nil
}
