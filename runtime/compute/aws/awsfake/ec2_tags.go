package awsfake

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

// taggedAs are the types of things that have tags, by the first part of their ids.
var taggedAs = map[string]string{"i": "instance", "lt": "launch-template", "fleet": "fleet", "pg": "placement-group"}

// tagged returns the tags of a thing that the call sees and may touch.
func (s *ec2State) tagged(c *call, id string) (tags, error) {
	t, err := s.tagsOf(c, id)
	if err != nil {
		return nil, err
	}
	prefix, _, _ := strings.Cut(id, "-")
	return t, c.mayTouch(s.world.arn("ec2", taggedAs[prefix]+"/"+id), t)
}

func (s *ec2State) tagsOf(c *call, id string) (tags, error) {
	prefix, _, _ := strings.Cut(id, "-")
	switch prefix {
	case "i":
		found, err := s.see(c, []string{id})
		if err != nil {
			return nil, err
		}
		return found[0].instance.tags, nil
	case "lt":
		t, err := s.findTemplate(c, &id, nil)
		if err != nil {
			return nil, err
		}
		return t.tags, nil
	case "fleet":
		if f := s.findFleet(c, id); f != nil {
			return f.tags, nil
		}
	case "pg":
		for _, g := range s.groups {
			if g.id == id {
				return g.tags, nil
			}
		}
	}
	return nil, refuse("InvalidID", "The ID '%s' is not valid", id)
}

func (s *ec2State) createTags(c *call, in *ec2.CreateTagsInput) (*ec2.CreateTagsOutput, error) {
	var all []tags
	for _, id := range in.Resources {
		t, err := s.tagged(c, id)
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	for _, tag := range in.Tags {
		if strings.HasPrefix(aws.ToString(tag.Key), "aws:") {
			return nil, refuse("InvalidParameterValue", "Tag keys starting with 'aws:' are reserved for internal use")
		}
	}
	for _, t := range all {
		t.addEC2(in.Tags)
	}
	return &ec2.CreateTagsOutput{}, nil
}

// deleteTags deletes tags by key, or by key and value; without tags, all that the user made.
func (s *ec2State) deleteTags(c *call, in *ec2.DeleteTagsInput) (*ec2.DeleteTagsOutput, error) {
	for _, id := range in.Resources {
		t, err := s.tagged(c, id)
		if err != nil {
			return nil, err
		}
		for key, value := range t {
			unwanted := len(in.Tags) == 0 && !strings.HasPrefix(key, "aws:")
			for _, tag := range in.Tags {
				unwanted = unwanted || aws.ToString(tag.Key) == key && (tag.Value == nil || *tag.Value == value)
			}
			if unwanted {
				delete(t, key)
			}
		}
	}
	return &ec2.DeleteTagsOutput{}, nil
}
