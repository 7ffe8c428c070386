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
		Name: q.ConsumableResourceName, Total: wire.Or(q.TotalQuantity, 0),
		Replenishable: wire.Or(q.ResourceType, wire.Replenishable) == wire.Replenishable,
	}})
	return answer, err
}

func (s *server) consumableARN(name string) string {
	return s.Place.ARN(batch.ResourceConsumable, name)
}

func (s *server) updateConsumableResource(ctx context.Context, c call, q *wire.UpdateConsumableResourceRequest) (wire.UpdateConsumableResourceResponse, error) {
	name := s.Place.NameOf(batch.ResourceConsumable, q.ConsumableResource)
	command := sched.UpdateConsumable{
		Caller: c.caller, Name: name, Operation: sched.ConsumableOperation(wire.Or(q.Operation, wire.OperationSet)),
		Quantity: wire.Or(q.Quantity, 0), Token: c.invocation,
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

// describeConsumableResource describes a resource. How much there is, and how much of it is in use, is the machine's to say, so
// that both are of one moment.
func (s *server) describeConsumableResource(ctx context.Context, _ call, q *wire.DescribeConsumableResourceRequest) (answer wire.DescribeConsumableResourceResponse, err error) {
	var resource batch.Consumable
	err = s.Store.Together(ctx, func(r store.Reader) error {
		if resource, err = s.consumable(ctx, r, q.ConsumableResource); err != nil {
			return err
		}
		tagged := batch.ResourceConsumable + "/" + resource.Name
		tags, err := r.Tags(ctx, []string{tagged})
		answer.Tags = wire.ShownTags(tags[tagged])
		return err
	})
	if err != nil {
		return wire.DescribeConsumableResourceResponse{}, err
	}
	use, err := engine.Ask(ctx, s.Engine, sched.ConsumableUse{Names: []string{resource.Name}})
	if err != nil {
		return wire.DescribeConsumableResourceResponse{}, err
	}
	stock, exists := use[resource.Name]
	if !exists {
		return wire.DescribeConsumableResourceResponse{}, noConsumable(resource.Name)
	}
	answer.ConsumableResourceName, answer.ConsumableResourceArn, answer.ResourceType = resource.Name, s.consumableARN(resource.Name), consumableType(resource)
	answer.TotalQuantity, answer.InUseQuantity, answer.AvailableQuantity = stock.Total, stock.InUse, max(stock.Total-stock.InUse, 0)
	answer.CreatedAt = int64(resource.CreatedAt)
	return answer, nil
}

func consumableType(c batch.Consumable) string {
	if c.Replenishable {
		return wire.Replenishable
	}
	return wire.NonReplenishable
}

// consumable returns the consumable resource with that name or ARN.
func (s *server) consumable(ctx context.Context, r store.Reader, nameOrARN string) (batch.Consumable, error) {
	name := s.Place.NameOf(batch.ResourceConsumable, nameOrARN)
	found, err := store.Named[batch.Consumable](ctx, r, store.NameQuery{Names: []string{name}})
	if err != nil {
		return batch.Consumable{}, err
	}
	if len(found) == 0 {
		return batch.Consumable{}, noConsumable(name)
	}
	return found[0], nil
}

func noConsumable(name string) error {
	return batch.Errorf(batch.NotFound, "consumable resource %s does not exist", name)
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
		stock, exists := use[c.Name]
		if !exists { // it was deleted meanwhile
			continue
		}
		answer.ConsumableResources = append(answer.ConsumableResources, wire.ConsumableResourceSummary{
			ConsumableResourceName: c.Name, ConsumableResourceArn: s.consumableARN(c.Name),
			TotalQuantity: stock.Total, InUseQuantity: stock.InUse, ResourceType: consumableType(c),
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
