package awsfake

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// ssmState is the Parameter Store.
type ssmState struct {
	world      *World
	parameters map[string]*parameter
}

// parameter is a parameter and its versions, the oldest first.
type parameter struct {
	tags     tags
	versions []types.Parameter
	deleted  time.Time // zero while it exists
}

// openSSM returns Systems Manager's Parameter Store.
func (w *World) openSSM() *service {
	state := &ssmState{world: w, parameters: map[string]*parameter{}}
	s := jsonService("ssm", "1.1")
	s.leftovers = state.leftovers
	reads := rate{name: "GetParameter", burst: 40, perSecond: 40}
	writes := rate{name: "PutParameter", burst: 3, perSecond: 3}
	register(s, state.getParameter, reads)
	register(s, state.getParameters, reads)
	register(s, state.putParameter, writes)
	register(s, state.deleteParameter, writes)
	return s
}

func (s *ssmState) getParameter(c *call, in *ssm.GetParameterInput) (*ssm.GetParameterOutput, error) {
	if err := s.mayTouch(c, aws.ToString(in.Name)); err != nil {
		return nil, err
	}
	found := s.find(c, aws.ToString(in.Name))
	if found == nil {
		return nil, refuse("ParameterNotFound", "")
	}
	return &ssm.GetParameterOutput{Parameter: found}, nil
}

func (s *ssmState) getParameters(c *call, in *ssm.GetParametersInput) (*ssm.GetParametersOutput, error) {
	out := &ssm.GetParametersOutput{}
	for _, name := range in.Names {
		if err := s.mayTouch(c, name); err != nil {
			return nil, err
		}
		if found := s.find(c, name); found != nil {
			out.Parameters = append(out.Parameters, *found)
		} else {
			out.InvalidParameters = append(out.InvalidParameters, name)
		}
	}
	return out, nil
}

// mayTouch returns the error of a call that is not allowed on a parameter. AWS's own have no account.
func (s *ssmState) mayTouch(c *call, name string) error {
	arn := s.arn(name)
	if strings.HasPrefix(name, "/aws") {
		arn = strings.Replace(arn, s.world.options.Account, "", 1)
	}
	var t tags
	if p := s.parameters[name]; p != nil {
		t = p.tags
	}
	return c.mayTouch(arn, t)
}

func (s *ssmState) arn(name string) string {
	return s.world.arn("ssm", "parameter/"+strings.TrimPrefix(name, "/"))
}

// find returns the newest version of a parameter that the call sees, or nil.
func (s *ssmState) find(c *call, name string) *types.Parameter {
	if public := s.world.publicParameter(name); public != nil {
		return public
	}
	p := s.parameters[name]
	if p == nil || !p.deleted.IsZero() && c.sees(p.deleted) {
		return nil
	}
	for i := range p.versions {
		if version := &p.versions[len(p.versions)-1-i]; c.sees(*version.LastModifiedDate) {
			return version
		}
	}
	return nil
}

func (s *ssmState) putParameter(c *call, in *ssm.PutParameterInput) (*ssm.PutParameterOutput, error) {
	name := aws.ToString(in.Name)
	if err := s.mayTouch(c, name); err != nil {
		return nil, err
	}
	p := s.parameters[name]
	exists := p != nil && p.deleted.IsZero()
	switch {
	case strings.HasPrefix(name, "/aws"):
		return nil, refuse("AccessDeniedException", "No access to reserved parameter name: %s.", name)
	case exists && !aws.ToBool(in.Overwrite):
		return nil, refuse("ParameterAlreadyExists", "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.")
	case exists && len(in.Tags) > 0:
		return nil, refuse("ValidationException", "Invalid request: tags and overwrite can't be used together.")
	case !exists:
		p = &parameter{tags: tags{}}
		s.parameters[name] = p
		for _, tag := range in.Tags {
			p.tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
		}
	}
	version := int64(len(p.versions) + 1)
	p.versions = append(p.versions, types.Parameter{
		ARN: aws.String(s.arn(name)), Name: in.Name, Type: in.Type, Value: in.Value,
		Version: version, LastModifiedDate: aws.Time(c.now), DataType: aws.String("text"),
	})
	return &ssm.PutParameterOutput{Version: version, Tier: types.ParameterTierStandard}, nil
}

func (s *ssmState) deleteParameter(c *call, in *ssm.DeleteParameterInput) (*ssm.DeleteParameterOutput, error) {
	if err := s.mayTouch(c, aws.ToString(in.Name)); err != nil {
		return nil, err
	}
	p := s.parameters[aws.ToString(in.Name)]
	if p == nil || !p.deleted.IsZero() {
		return nil, refuse("ParameterNotFound", "")
	}
	p.deleted = c.now
	return &ssm.DeleteParameterOutput{}, nil
}

func (s *ssmState) leftovers(installation string) (lines []string) {
	for _, name := range sorted(s.parameters) {
		if p := s.parameters[name]; p.deleted.IsZero() && p.tags.of(installation) {
			lines = append(lines, "ssm parameter "+name)
		}
	}
	return lines
}
