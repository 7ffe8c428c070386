package awsfake

import (
	"encoding/base64"
	"encoding/json"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// template is a launch template.
type template struct {
	id, name string
	creator  string // an ARN
	created  time.Time
	deleted  time.Time // zero while it exists
	tags     tags
	versions []templateVersion // version n is at n-1
	standard int               // the default version
}

type templateVersion struct {
	data    types.RequestLaunchTemplateData
	text    *string
	created time.Time
}

// findTemplate returns the template that a call names by its id or its name.
func (s *ec2State) findTemplate(c *call, id, name *string) (*template, error) {
	for _, t := range s.templates {
		named := id != nil && t.id == *id || id == nil && t.name == aws.ToString(name)
		if named && c.sees(t.created) && (t.deleted.IsZero() || !c.sees(t.deleted)) {
			return t, nil
		}
	}
	if id != nil {
		return nil, noSuchTemplateID(*id)
	}
	return nil, noSuchTemplateName(aws.ToString(name))
}

// number returns the number of a version that is named as $Latest, $Default or by its number; empty means the default.
func (t *template) number(name string) (int, error) {
	switch name {
	case "", "$Default":
		return t.standard, nil
	case "$Latest":
		return len(t.versions), nil
	}
	number, err := strconv.Atoi(name)
	if err != nil || number < 1 || number > len(t.versions) {
		return 0, refuse("InvalidLaunchTemplateId.VersionNotFound", "Could not find the specified version %s for the launch template with ID %s.", name, t.id)
	}
	return number, nil
}

func (s *ec2State) createLaunchTemplate(c *call, in *ec2.CreateLaunchTemplateInput) (*ec2.CreateLaunchTemplateOutput, error) {
	out, _, err := once(c, "CreateLaunchTemplate", in.ClientToken, in, func() (*ec2.CreateLaunchTemplateOutput, error) {
		for _, t := range s.templates {
			if t.name == aws.ToString(in.LaunchTemplateName) && t.deleted.IsZero() {
				return nil, refuse("InvalidLaunchTemplateName.AlreadyExistsException", "Launch template name already in use.")
			}
		}
		if err := checkUserData(in.LaunchTemplateData); err != nil {
			return nil, err
		}
		t := &template{id: s.world.id("lt"), name: aws.ToString(in.LaunchTemplateName), creator: s.world.user(), created: c.now, tags: tags{}, standard: 1}
		for _, spec := range in.TagSpecifications {
			t.tags.addEC2(spec.Tags)
		}
		t.versions = []templateVersion{{*in.LaunchTemplateData, in.VersionDescription, c.now}}
		s.templates = append(s.templates, t)
		return &ec2.CreateLaunchTemplateOutput{LaunchTemplate: t.describe()}, nil
	}, mismatch[ec2.CreateLaunchTemplateOutput])
	return out, err
}

// checkUserData holds user data to 16 KB before encoding.
func checkUserData(data *types.RequestLaunchTemplateData) error {
	text, err := base64.StdEncoding.DecodeString(aws.ToString(data.UserData))
	switch {
	case err != nil:
		return refuse("InvalidUserData.Malformed", "Invalid BASE64 encoding of user data.")
	case len(text) > maxUserData:
		return refuse("InvalidUserData.Malformed", "User data is limited to 16384 bytes")
	}
	return nil
}

func (s *ec2State) createLaunchTemplateVersion(c *call, in *ec2.CreateLaunchTemplateVersionInput) (*ec2.CreateLaunchTemplateVersionOutput, error) {
	t, err := s.findTemplate(c, in.LaunchTemplateId, in.LaunchTemplateName)
	if err != nil {
		return nil, err
	}
	out, _, err := once(c, "CreateLaunchTemplateVersion", in.ClientToken, in, func() (*ec2.CreateLaunchTemplateVersionOutput, error) {
		if err := checkUserData(in.LaunchTemplateData); err != nil {
			return nil, err
		}
		var data types.RequestLaunchTemplateData
		if in.SourceVersion != nil {
			source, err := t.number(*in.SourceVersion)
			if err != nil {
				return nil, err
			}
			data = t.versions[source-1].data
		}
		t.versions = append(t.versions, templateVersion{*merged[types.RequestLaunchTemplateData](data, in.LaunchTemplateData), in.VersionDescription, c.now})
		return &ec2.CreateLaunchTemplateVersionOutput{LaunchTemplateVersion: t.describeVersion(len(t.versions))}, nil
	}, mismatch[ec2.CreateLaunchTemplateVersionOutput])
	return out, err
}

// merged returns a T with the members that are set in the layers, the last of which counts. The SDK has several types for one thing, with the
// same members.
func merged[T any](layers ...any) *T {
	members := map[string]any{}
	for _, layer := range layers {
		var set map[string]any
		recode(layer, &set)
		for name, value := range set {
			if value != nil && value != "" {
				members[name] = value
			}
		}
	}
	result := new(T)
	recode(members, result)
	return result
}

// recode sets to, by way of JSON, to what from is.
func recode(from, to any) {
	text, err := json.Marshal(from)
	if err == nil {
		err = json.Unmarshal(text, to)
	}
	if err != nil {
		panic("awsfake: " + err.Error()) // structs of the SDK can be encoded
	}
}

func (t *template) describe() *types.LaunchTemplate {
	return &types.LaunchTemplate{
		CreatedBy:        aws.String(t.creator),
		LaunchTemplateId: aws.String(t.id), LaunchTemplateName: aws.String(t.name), CreateTime: aws.Time(t.created), Tags: t.tags.ec2(),
		DefaultVersionNumber: aws.Int64(int64(t.standard)), LatestVersionNumber: aws.Int64(int64(len(t.versions))),
	}
}

func (t *template) describeVersion(number int) *types.LaunchTemplateVersion {
	v := t.versions[number-1]
	return &types.LaunchTemplateVersion{
		CreatedBy:        aws.String(t.creator),
		LaunchTemplateId: aws.String(t.id), LaunchTemplateName: aws.String(t.name), VersionNumber: aws.Int64(int64(number)), CreateTime: aws.Time(v.created),
		DefaultVersion: aws.Bool(number == t.standard), VersionDescription: v.text, LaunchTemplateData: merged[types.ResponseLaunchTemplateData](v.data),
	}
}

var templateFilters = filters[*template]{
	"launch-template-name": func(t *template) []string { return []string{t.name} },
	"create-time":          func(t *template) []string { return []string{t.created.UTC().Format(time.RFC3339)} },
}

func (s *ec2State) describeLaunchTemplates(c *call, in *ec2.DescribeLaunchTemplatesInput) (*ec2.DescribeLaunchTemplatesOutput, error) {
	var found []*template
	for _, t := range s.templates {
		if c.sees(t.created) && (t.deleted.IsZero() || !c.sees(t.deleted)) {
			found = append(found, t)
		}
	}
	found, err := pick(found, in.LaunchTemplateIds, func(t *template) string { return t.id }, noSuchTemplateID)
	if err != nil {
		return nil, err
	}
	found, err = pick(found, in.LaunchTemplateNames, func(t *template) string { return t.name }, noSuchTemplateName)
	if err != nil {
		return nil, err
	}
	if found, err = templateFilters.apply(found, in.Filters, func(t *template) []types.Tag { return t.tags.ec2() }); err != nil {
		return nil, err
	}
	found, next, err := pageOf(found, in.MaxResults, in.NextToken, pageOfTemplates)
	out := &ec2.DescribeLaunchTemplatesOutput{NextToken: next}
	for _, t := range found {
		out.LaunchTemplates = append(out.LaunchTemplates, *t.describe())
	}
	return out, err
}

func (s *ec2State) describeLaunchTemplateVersions(c *call, in *ec2.DescribeLaunchTemplateVersionsInput) (*ec2.DescribeLaunchTemplateVersionsOutput, error) {
	t, err := s.findTemplate(c, in.LaunchTemplateId, in.LaunchTemplateName)
	if err != nil {
		return nil, err
	}
	out := &ec2.DescribeLaunchTemplateVersionsOutput{}
	for _, name := range in.Versions {
		number, err := t.number(name)
		if err != nil {
			return nil, err
		}
		out.LaunchTemplateVersions = append(out.LaunchTemplateVersions, *t.describeVersion(number))
	}
	for number := len(t.versions); number > 0 && len(in.Versions) == 0; number-- {
		out.LaunchTemplateVersions = append(out.LaunchTemplateVersions, *t.describeVersion(number))
	}
	return out, nil
}

func (s *ec2State) deleteLaunchTemplate(c *call, in *ec2.DeleteLaunchTemplateInput) (*ec2.DeleteLaunchTemplateOutput, error) {
	t, err := s.findTemplate(c, in.LaunchTemplateId, in.LaunchTemplateName)
	if err != nil {
		return nil, err
	}
	if err := c.mayTouch(s.world.arn("ec2", "launch-template/"+t.id), t.tags); err != nil {
		return nil, err
	}
	if t.deleted.IsZero() {
		t.deleted = c.now
	}
	return &ec2.DeleteLaunchTemplateOutput{LaunchTemplate: t.describe()}, nil
}
