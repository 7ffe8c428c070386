package aws

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// template is a launch template that was made for some of the instance types of an environment.
type template struct {
	name  string
	types []string
	// base is the user's launch template; nil: there is none.
	base *batch.TemplateRef
	gpus bool
}

// launchTemplates makes the launch templates: types with GPUs need another image, and a user may have given templates for single types.
// A template is called after the spec, so one that exists is what it should be.
func (b *builder) launchTemplates(ctx context.Context, s *site) error {
	existing, err := b.describeTemplates(ctx)
	if err != nil {
		return err
	}
	s.templates = b.divide(s)
	images := map[string]string{} // that AWS recommended, by parameter
	for _, t := range existing {
		if parameter := tagOf(t.Tags, tagParameter); parameter != "" {
			images[parameter] = tagOf(t.Tags, tagImage)
		}
	}
	for i := range s.templates {
		t := &s.templates[i]
		if slices.ContainsFunc(existing, func(e ec2types.LaunchTemplate) bool { return aws.ToString(e.LaunchTemplateName) == t.name }) {
			continue
		}
		if err := b.createTemplate(ctx, s, t, images); err != nil {
			return err
		}
	}
	return nil
}

// divide says which types are launched with which template, by name.
func (b *builder) divide(s *site) (templates []template) {
	for _, o := range s.selection.Offers {
		number, base := b.base(o.Type)
		t := template{name: fmt.Sprintf("%s%s-%d", templatePrefix(b.row), s.spec, number), base: base, gpus: o.Shape.GPUs > 0}
		if t.gpus {
			t.name += "g"
		}
		i := slices.IndexFunc(templates, func(known template) bool { return known.name == t.name })
		if i < 0 {
			i, templates = len(templates), append(templates, t)
		}
		if !slices.Contains(templates[i].types, o.Type) {
			templates[i].types = append(templates[i].types, o.Type)
		}
	}
	slices.SortFunc(templates, func(a, b template) int { return strings.Compare(a.name, b.name) })
	return templates
}

// base returns the user's launch template for a type, and its number: 0 is the one for all types, the others are overrides.
func (b *builder) base(typ string) (int, *batch.TemplateRef) {
	all := b.resources.LaunchTemplate
	if all == nil {
		return 0, nil
	}
	for i := range all.Overrides {
		if slices.ContainsFunc(all.Overrides[i].InstanceTypes, func(name string) bool { return name == typ || name == familyOf(typ) }) {
			return i + 1, &all.Overrides[i].TemplateRef
		}
	}
	if all.ID == "" && all.Name == "" {
		return 0, nil
	}
	return 0, &all.TemplateRef
}

// describeTemplates lists the launch templates that were made for the environment.
func (b *builder) describeTemplates(ctx context.Context) (found []ec2types.LaunchTemplate, err error) {
	pages := ec2.NewDescribeLaunchTemplatesPaginator(b.account.ec2, &ec2.DescribeLaunchTemplatesInput{
		Filters: []ec2types.Filter{where("tag:"+tagInstallation, b.options.Installation), where("tag:"+tagEnvironment, b.row.UUID)},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, whileDoing("looking for the launch templates of the environment", err)
		}
		found = append(found, page.LaunchTemplates...)
	}
	return found, nil
}

// createTemplate makes a launch template. That it exists already, because a read did not see it or an answer was lost, is as good.
func (b *builder) createTemplate(ctx context.Context, s *site, t *template, images map[string]string) error {
	users, err := b.usersTemplate(ctx, t.base)
	if err != nil {
		return err
	}
	chosen, err := b.image(ctx, aws.ToString(users.ImageId), s.selection.Architecture, t.gpus, images)
	if err != nil {
		return err
	}
	data, err := b.templateData(s, users, chosen)
	if err != nil {
		return err
	}
	tags := b.tags(b.row, tagSpec, s.spec)
	if chosen.parameter != "" {
		tags[tagImage], tags[tagParameter] = chosen.id, chosen.parameter
	}
	_, err = b.account.ec2.CreateLaunchTemplate(ctx, &ec2.CreateLaunchTemplateInput{
		LaunchTemplateName: aws.String(t.name), LaunchTemplateData: data,
		TagSpecifications: []ec2types.TagSpecification{{ResourceType: ec2types.ResourceTypeLaunchTemplate, Tags: ec2Tags(tags, nil)}},
	})
	if err == nil || isCode(err, "InvalidLaunchTemplateName.AlreadyExistsException") {
		return nil
	}
	return whileDoing("making the launch template "+t.name, err)
}
