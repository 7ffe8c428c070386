package api

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/api/logs"
	"github.com/batchd/terraform-provider-batch/runtime/api/pagetoken"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/engine"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

func (s *server) registerJobDefinition(ctx context.Context, c call, q *wire.RegisterJobDefinitionRequest) (wire.RegisterJobDefinitionResponse, error) {
	definition, err := s.definitionOf(q)
	if err == nil {
		err = s.checkUsers(&definition)
	}
	if err != nil {
		return wire.RegisterJobDefinitionResponse{}, err
	}
	reply, err := engine.Do(ctx, s.Engine, sched.RegisterDefinition{Caller: c.caller, Definition: definition, Tags: q.Tags, LogNames: logs.Names(q)})
	if err != nil {
		return wire.RegisterJobDefinitionResponse{}, err
	}
	return wire.RegisterJobDefinitionResponse{
		JobDefinitionName: reply.Ref.Name, Revision: reply.Ref.Revision,
		JobDefinitionArn: s.Place.ARN(batch.ResourceDefinition, reply.Ref.String()),
	}, nil
}

// checkUsers refuses a user of a process other than the one that all processes of this runtime run as.
func (s *server) checkUsers(d *batch.Definition) error {
	refuse := func(c *batch.Container, field string) error {
		if s.RunAs == "" || c.Image != "" || c.User == "" || c.User == s.RunAs {
			return nil
		}
		return &wire.FieldError{Field: field, Given: strconv.Quote(c.User), Allowed: "nothing: this runtime is served with --run-as " + s.RunAs + ", and every process runs so"}
	}
	if d.Nodes == nil {
		return refuse(&d.Container, "containerProperties.user")
	}
	for i := range d.Nodes.Ranges {
		if err := refuse(&d.Nodes.Ranges[i].Container, "nodeProperties.nodeRangeProperties[].container.user"); err != nil {
			return err
		}
	}
	return nil
}

func (s *server) deregisterJobDefinition(ctx context.Context, c call, q *wire.DeregisterJobDefinitionRequest) (wire.Empty, error) {
	_, err := engine.Do(ctx, s.Engine, sched.DeregisterDefinition{Caller: c.caller, Ref: s.Place.DefinitionRef(q.JobDefinition)})
	return wire.Empty{}, err
}

func (s *server) describeJobDefinitions(ctx context.Context, _ call, q *wire.DescribeJobDefinitionsRequest) (wire.DescribeJobDefinitionsResponse, error) {
	return store.OfOneMoment(ctx, s.Store, q, s.readDefinitions)
}

func (s *server) readDefinitions(ctx context.Context, r store.Reader, q *wire.DescribeJobDefinitionsRequest) (wire.DescribeJobDefinitionsResponse, error) {
	query := store.DefinitionQuery{Name: q.JobDefinitionName}
	for _, text := range q.JobDefinitions {
		if ref := s.Place.DefinitionRef(text); ref.Revision > 0 { // a bare name names no revision
			query.Refs = append(query.Refs, ref)
		}
	}
	answer := wire.DescribeJobDefinitionsResponse{JobDefinitions: []wire.JobDefinition{}}
	if len(q.JobDefinitions) > 0 && len(query.Refs) == 0 {
		return answer, nil
	}
	if q.Status != "" {
		active := q.Status == wire.Active
		query.Active = &active
	}
	if len(query.Refs) == 0 {
		query.Limit = page(q.MaxResults, defaultPage) + 1
	}
	if err := pagetoken.Decode(q.NextToken, &query.After); err != nil {
		return answer, err
	}
	found, err := r.Definitions(ctx, query)
	if err != nil {
		return answer, err
	}
	if query.Limit > 0 && len(found) == query.Limit {
		found = found[:query.Limit-1]
		answer.NextToken = pagetoken.Encode(found[len(found)-1].Ref())
	}
	tags, err := r.Tags(ctx, resources(found, definitionResource))
	if err != nil {
		return answer, err
	}
	for _, d := range found {
		detail, err := s.definitionDetail(d)
		if err != nil {
			return answer, err
		}
		detail.Tags = wire.ShownTags(tags[definitionResource(d)])
		answer.JobDefinitions = append(answer.JobDefinitions, detail)
	}
	return answer, nil
}

func definitionResource(d batch.Definition) string {
	return batch.ResourceDefinition + "/" + d.Ref().String()
}

// fill adds to a stored definition what AWS answers whether it was given or not.
func fill(d *wire.JobDefinition) {
	if d.Parameters == nil {
		d.Parameters = map[string]string{}
	}
	if r := d.RetryStrategy; r != nil {
		for i := range r.EvaluateOnExit { // earlier versions stored the caller's spelling
			r.EvaluateOnExit[i].Action = strings.ToLower(r.EvaluateOnExit[i].Action)
		}
	}
	describeTasks(d.EcsProperties)
	if p := d.ContainerProperties; p != nil {
		p.FillEmpty()
		if slices.Contains(d.PlatformCapabilities, wire.PlatformFargate) {
			p.FillFargate()
		}
	}
	if d.NodeProperties == nil {
		return
	}
	for _, part := range d.NodeProperties.NodeRangeProperties {
		describeTasks(part.EcsProperties)
		if part.Container != nil {
			part.Container.FillEmpty()
		}
	}
}

func describeTasks(p *wire.EcsProperties) {
	if p == nil {
		return
	}
	for i := range p.TaskProperties {
		p.TaskProperties[i].FillEmpty()
	}
}

// definitionDetail answers the document as it was registered.
func (s *server) definitionDetail(d batch.Definition) (wire.JobDefinition, error) {
	var detail wire.JobDefinition
	if err := json.Unmarshal(d.Body, &detail); err != nil {
		return detail, fmt.Errorf("stored job definition %s: %w", d.Ref(), err)
	}
	detail.JobDefinitionName, detail.Revision = d.Name, d.Revision
	detail.JobDefinitionArn = s.Place.ARN(batch.ResourceDefinition, d.Ref().String())
	detail.Status = wire.Inactive
	if d.Active {
		detail.Status = wire.Active
	}
	fill(&detail)
	detail.ContainerOrchestrationType = "ECS"
	if detail.EksProperties != nil {
		detail.ContainerOrchestrationType = "EKS"
	}
	return detail, nil
}
