package api

import (
	"cmp"
	"context"

	"github.com/google/uuid"

	"github.com/batchd/terraform-provider-batch/runtime/api/pagetoken"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/describe"
	"github.com/batchd/terraform-provider-batch/runtime/document"
	"github.com/batchd/terraform-provider-batch/runtime/engine"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

func (s *server) createComputeEnvironment(ctx context.Context, c call, q *wire.CreateComputeEnvironmentRequest) (wire.ComputeEnvironmentResponse, error) {
	var d wire.ComputeEnvironmentDetail
	q.ApplyTo(&d)
	e, err := document.Environment(d)
	if err != nil {
		return wire.ComputeEnvironmentResponse{}, err
	}
	e.UUID = uuid.NewString()
	_, err = engine.Do(ctx, s.Engine, sched.CreateEnvironment{Caller: c.caller, Environment: e, Tags: q.Tags})
	return s.environmentAnswer(e.Name), err
}

func (s *server) environmentAnswer(name string) wire.ComputeEnvironmentResponse {
	return wire.ComputeEnvironmentResponse{ComputeEnvironmentName: name, ComputeEnvironmentArn: s.Place.ARN(batch.ResourceEnvironment, name)}
}

func (s *server) deleteComputeEnvironment(ctx context.Context, c call, q *wire.DeleteComputeEnvironmentRequest) (wire.Empty, error) {
	name := s.Place.NameOf(batch.ResourceEnvironment, q.ComputeEnvironment)
	_, err := engine.Do(ctx, s.Engine, sched.DeleteEnvironment{Caller: c.caller, Name: name})
	return wire.Empty{}, err
}

func (s *server) describeComputeEnvironments(ctx context.Context, _ call, q *wire.DescribeComputeEnvironmentsRequest) (wire.DescribeComputeEnvironmentsResponse, error) {
	return store.OfOneMoment(ctx, s.Store, q, s.readEnvironments)
}

func (s *server) readEnvironments(ctx context.Context, r store.Reader, q *wire.DescribeComputeEnvironmentsRequest) (wire.DescribeComputeEnvironmentsResponse, error) {
	query, err := s.nameQuery(batch.ResourceEnvironment, q.ComputeEnvironments, q.NextToken, q.MaxResults)
	if err != nil {
		return wire.DescribeComputeEnvironmentsResponse{}, err
	}
	found, err := r.Environments(ctx, query)
	if err != nil {
		return wire.DescribeComputeEnvironmentsResponse{}, err
	}
	answer := wire.DescribeComputeEnvironmentsResponse{ComputeEnvironments: make([]wire.ComputeEnvironmentDetail, 0, len(found))}
	found, answer.NextToken = nextName(query, found, func(e batch.Environment) string { return e.Name })
	tags, err := r.Tags(ctx, resources(found, func(e batch.Environment) string { return batch.ResourceEnvironment + "/" + e.Name }))
	if err != nil {
		return answer, err
	}
	views := s.environmentViews()
	for _, e := range found {
		detail, err := s.environmentDetail(e)
		if err != nil {
			return answer, err
		}
		view, known := views[e.Name]
		if view.Fault != "" && e.Health == batch.Valid {
			detail.StatusReason = view.Fault
		}
		if r := detail.ComputeResources; r != nil && known && view.HostMilliCPU >= 0 {
			desired := int32((max(view.HostMilliCPU, e.MinMilliCPU) + 999) / 1000)
			r.DesiredvCpus = &desired
		}
		detail.Tags = wire.ShownTags(tags[batch.ResourceEnvironment+"/"+e.Name])
		answer.ComputeEnvironments = append(answer.ComputeEnvironments, detail)
	}
	return answer, nil
}

// environmentViews are what the scheduler says of environments, by their names.
func (s *server) environmentViews() map[string]sched.EnvironmentView {
	views := map[string]sched.EnvironmentView{}
	for _, e := range s.Engine.View().Environments {
		views[e.Name] = e
	}
	return views
}

func (s *server) environmentDetail(e batch.Environment) (wire.ComputeEnvironmentDetail, error) {
	d, err := document.OfEnvironment(&e)
	if err != nil {
		return d, err
	}
	d.ComputeEnvironmentArn = s.Place.ARN(batch.ResourceEnvironment, e.Name)
	d.UUID, d.State, d.Status, d.StatusReason = e.UUID, string(e.State), string(e.Health), e.StatusReason
	d.ContainerOrchestrationType = "ECS"
	if d.EksConfiguration != nil {
		d.ContainerOrchestrationType = "EKS"
		return d, nil
	}
	d.EcsClusterArn = cmp.Or(e.Cluster, describe.ClusterARN(s.Place, e.Name))
	if r := d.ComputeResources; r != nil && e.Kind != batch.Local {
		if wire.Or(d.ServiceRole, "") == "" {
			role := "arn:aws:iam::" + s.Place.Account + ":role/aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch"
			d.ServiceRole = &role
		}
		r.FillDefaults()
	}
	return d, nil
}

// nameQuery turns the members of a Describe request into a query.
func (s *server) nameQuery(resource string, names []string, token string, maxResults *int32) (store.NameQuery, error) {
	query := store.NameQuery{}
	for _, n := range names {
		query.Names = append(query.Names, s.Place.NameOf(resource, n))
	}
	if len(names) > 0 {
		return query, nil
	}
	query.Limit = page(maxResults, defaultPage) + 1 // one more tells whether there is a next page
	return query, pagetoken.Decode(token, &query.After)
}

// nextName cuts the entry that only tells of a next page, and makes its token.
func nextName[T any](q store.NameQuery, found []T, name func(T) string) ([]T, string) {
	if q.Limit == 0 || len(found) < q.Limit {
		return found, ""
	}
	found = found[:q.Limit-1]
	return found, pagetoken.Encode(name(found[len(found)-1]))
}

func resources[T any](list []T, name func(T) string) []string {
	names := make([]string, len(list))
	for i, each := range list {
		names[i] = name(each)
	}
	return names
}
