package api

import (
	"context"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/engine"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

func (s *server) createConsumableResource(ctx context.Context, c call, q *wire.CreateConsumableResourceRequest) (wire.CreateConsumableResourceResponse, error) {
	answer := wire.CreateConsumableResourceResponse{
		ConsumableResourceName: q.ConsumableResourceName, ConsumableResourceArn: s.consumableARN(q.ConsumableResourceName),
	}
	_, err := engine.Do(ctx, s.Engine, sched.CreateConsumable{Caller: c.caller, Tags: q.Tags, Consumable: batch.Consumable{
		Name: q.ConsumableResourceName, Total: or(q.TotalQuantity, 0),
		Replenishable: or(q.ResourceType, wire.Replenishable) == wire.Replenishable,
	}})
	return answer, err
}

func (s *server) consumableARN(name string) string {
	return s.Place.ARN(batch.ResourceConsumable, name)
}

func (s *server) updateConsumableResource(ctx context.Context, c call, q *wire.UpdateConsumableResourceRequest) (wire.UpdateConsumableResourceResponse, error) {
	name := s.Place.NameOf(batch.ResourceConsumable, q.ConsumableResource)
	command := sched.UpdateConsumable{
		Caller: c.caller, Name: name, Operation: sched.ConsumableOperation(or(q.Operation, wire.OperationSet)),
		Quantity: or(q.Quantity, 0), Token: c.invocation,
	}
	if q.ClientToken != nil {
		command.Token = "client:" + *q.ClientToken
	}
	reply, err := engine.Do(ctx, s.Engine, command)
	return wire.UpdateConsumableResourceResponse{
		ConsumableResourceName: name, ConsumableResourceArn: s.consumableARN(name), TotalQuantity: reply.Total,
	}, err
}

func (s *server) deleteConsumableResource(ctx context.Context, c call, q *wire.DeleteConsumableResourceRequest) (wire.Empty, error) {
	name := s.Place.NameOf(batch.ResourceConsumable, q.ConsumableResource)
	_, err := engine.Do(ctx, s.Engine, sched.DeleteConsumable{Caller: c.caller, Name: name})
	return wire.Empty{}, err
}

func (s *server) describeConsumableResource(ctx context.Context, _ call, q *wire.DescribeConsumableResourceRequest) (wire.DescribeConsumableResourceResponse, error) {
	resource, err := s.consumable(ctx, q.ConsumableResource)
	if err != nil {
		return wire.DescribeConsumableResourceResponse{}, err
	}
	use, err := engine.Ask(ctx, s.Engine, sched.ConsumableUse{Names: []string{resource.Name}})
	if err != nil {
		return wire.DescribeConsumableResourceResponse{}, err
	}
	tagged := batch.ResourceConsumable + "/" + resource.Name
	tags, err := s.Store.Tags(ctx, []string{tagged})
	return wire.DescribeConsumableResourceResponse{
		ConsumableResourceName: resource.Name, ConsumableResourceArn: s.consumableARN(resource.Name), ResourceType: consumableType(resource),
		TotalQuantity: resource.Total, InUseQuantity: use[resource.Name], AvailableQuantity: available(resource, use[resource.Name]),
		CreatedAt: int64(resource.CreatedAt), Tags: shown(tags[tagged]),
	}, err
}

// available is what is left to take. What was taken of a resource that is not replenishable is no longer in its total.
func available(c batch.Consumable, inUse int64) int64 {
	if !c.Replenishable {
		return c.Total
	}
	return max(c.Total-inUse, 0)
}

func consumableType(c batch.Consumable) string {
	if c.Replenishable {
		return wire.Replenishable
	}
	return wire.NonReplenishable
}

// consumable returns the consumable resource with that name or ARN.
func (s *server) consumable(ctx context.Context, nameOrARN string) (batch.Consumable, error) {
	name := s.Place.NameOf(batch.ResourceConsumable, nameOrARN)
	found, err := store.Named[batch.Consumable](ctx, s.Store, store.NameQuery{Names: []string{name}})
	if err != nil {
		return batch.Consumable{}, err
	}
	if len(found) == 0 {
		return batch.Consumable{}, batch.Errorf(batch.NotFound, "consumable resource %s does not exist", name)
	}
	return found[0], nil
}

func (s *server) listConsumableResources(ctx context.Context, _ call, q *wire.ListConsumableResourcesRequest) (wire.ListConsumableResourcesResponse, error) {
	answer := wire.ListConsumableResourcesResponse{ConsumableResources: []wire.ConsumableResourceSummary{}}
	query, err := s.nameQuery(batch.ResourceConsumable, nil, q.NextToken, q.MaxResults)
	if err != nil {
		return answer, err
	}
	pattern := "*"
	if len(q.Filters) > 0 {
		pattern = q.Filters[0].Values[0]
	}
	found, err := s.consumablesLike(ctx, pattern, query)
	if err != nil {
		return answer, err
	}
	found, answer.NextToken = nextName(query, found, func(c batch.Consumable) string { return c.Name })
	use, err := engine.Ask(ctx, s.Engine, sched.ConsumableUse{Names: resources(found, func(c batch.Consumable) string { return c.Name })})
	if err != nil {
		return answer, err
	}
	for _, c := range found {
		answer.ConsumableResources = append(answer.ConsumableResources, wire.ConsumableResourceSummary{
			ConsumableResourceName: c.Name, ConsumableResourceArn: s.consumableARN(c.Name),
			TotalQuantity: c.Total, InUseQuantity: use[c.Name], ResourceType: consumableType(c),
		})
	}
	return answer, nil
}

// consumablesLike returns the first of q whose name is the pattern, or begins with it if it ends in "*", without
// regard to case.
func (s *server) consumablesLike(ctx context.Context, pattern string, q store.NameQuery) ([]batch.Consumable, error) {
	prefix, many := strings.CutSuffix(strings.ToLower(pattern), "*")
	var like []batch.Consumable
	some := store.NameQuery{After: q.After, Limit: maxConsumableScan}
	for {
		found, err := store.Named[batch.Consumable](ctx, s.Store, some)
		if err != nil {
			return nil, err
		}
		for _, c := range found {
			if name := strings.ToLower(c.Name); name == prefix || many && strings.HasPrefix(name, prefix) {
				like = append(like, c)
			}
			if len(like) == q.Limit {
				return like, nil
			}
		}
		if len(found) < some.Limit {
			return like, nil
		}
		some.After = found[len(found)-1].Name
	}
}
