package awsfake

import (
	"encoding/json"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/awsfake/clusterquery"
)

// registerInstance is the call of an agent that is not the double's own, for example of a test that plays it.
func (e *ecsState) registerInstance(_ *call, in *ecs.RegisterContainerInstanceInput) (*ecs.RegisterContainerInstanceOutput, error) {
	c, err := e.cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	var identity struct{ InstanceID string }
	if err := json.Unmarshal([]byte(aws.ToString(in.InstanceIdentityDocument)), &identity); err != nil || identity.InstanceID == "" {
		return nil, refuse(clientException, "The instance identity document is not valid.")
	}
	attributes := map[string]string{}
	for _, a := range in.Attributes {
		attributes[aws.ToString(a.Name)] = aws.ToString(a.Value)
	}
	labels := tags{}
	if err := setTags(labels, in.Tags); err != nil {
		return nil, err
	}
	described := c.enlist(e, identity.InstanceID, capacityOf(in.TotalResources), attributes, labels).describe()
	return &ecs.RegisterContainerInstanceOutput{ContainerInstance: &described}, nil
}

// instance finds a container instance that is not INACTIVE by its id or ARN.
func (c *cluster) instance(reference *string) (*containerInstance, error) {
	i := c.instances[lastPart(aws.ToString(reference))]
	if i == nil || i.status == statusInactive {
		return nil, refuse(invalidParameter, "The specified container instance %s was not found.", aws.ToString(reference))
	}
	return i, nil
}

func (e *ecsState) deregisterInstance(_ *call, in *ecs.DeregisterContainerInstanceInput) (*ecs.DeregisterContainerInstanceOutput, error) {
	c, err := e.cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	i, err := c.instance(in.ContainerInstance)
	if err != nil {
		return nil, err
	}
	if len(i.tasks) > 0 && !aws.ToBool(in.Force) {
		return nil, refuse(invalidParameter, "Found running tasks on the instance.")
	}
	e.lose(i, types.TaskStopCodeUserInitiated, "Container instance deregistered forcibly by user.")
	i.retire()
	described := i.describe()
	return &ecs.DeregisterContainerInstanceOutput{ContainerInstance: &described}, nil
}

func (e *ecsState) listInstances(call *call, in *ecs.ListContainerInstancesInput) (*ecs.ListContainerInstancesOutput, error) {
	c, err := e.cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	size, err := pageSize(in.MaxResults)
	if err != nil {
		return nil, err
	}
	var query clusterquery.Query
	if in.Filter != nil {
		if query, err = clusterquery.Parse(*in.Filter); err != nil {
			return nil, refuse(invalidParameter, "Invalid filter: %v.", err)
		}
	}
	page, next, err := c.order.page(size, in.NextToken, func(i *containerInstance) bool {
		shown, seen := i.shown.at(call.seen)
		status := types.ContainerInstanceStatus(aws.ToString(shown.Status))
		switch {
		case !seen, in.Filter != nil && !i.member(query):
			return false
		case in.Status == "": // all but INACTIVE
			return status != statusInactive
		}
		return status == in.Status
	})
	out := &ecs.ListContainerInstancesOutput{NextToken: next}
	for _, i := range page {
		out.ContainerInstanceArns = append(out.ContainerInstanceArns, i.arn)
	}
	return out, err
}

func (e *ecsState) describeInstances(call *call, in *ecs.DescribeContainerInstancesInput) (*ecs.DescribeContainerInstancesOutput, error) {
	c, err := e.cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	if n := len(in.ContainerInstances); n == 0 || n > maxDescribed {
		return nil, refuse(invalidParameter, "Container instances must have between 1 and %d entries.", maxDescribed)
	}
	out := &ecs.DescribeContainerInstancesOutput{}
	for _, reference := range in.ContainerInstances {
		i := c.instances[lastPart(reference)]
		var shown types.ContainerInstance
		if i != nil {
			shown, _ = i.shown.at(call.seen)
		}
		if shown.ContainerInstanceArn == nil {
			out.Failures = append(out.Failures, missing(e.w.arn("ecs", "container-instance/"+c.name+"/"+lastPart(reference))))
			continue
		}
		if !slices.Contains(in.Include, types.ContainerInstanceFieldTags) {
			shown.Tags = nil
		}
		out.ContainerInstances = append(out.ContainerInstances, shown)
	}
	return out, nil
}

// updateInstances drains instances, or makes them ACTIVE again. Tasks that run there go on.
func (e *ecsState) updateInstances(_ *call, in *ecs.UpdateContainerInstancesStateInput) (*ecs.UpdateContainerInstancesStateOutput, error) {
	c, err := e.cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	switch {
	case len(in.ContainerInstances) > maxUpdatedInstances:
		return nil, refuse(invalidParameter, "The number of container instances cannot exceed %d.", maxUpdatedInstances)
	case in.Status != statusActive && in.Status != statusDraining:
		return nil, refuse(invalidParameter, "Container instance status should be one of [ACTIVE, DRAINING].")
	}
	out := &ecs.UpdateContainerInstancesStateOutput{}
	for _, reference := range in.ContainerInstances {
		i, err := c.instance(&reference)
		if err != nil {
			out.Failures = append(out.Failures, missing(reference))
			continue
		}
		i.status = string(in.Status)
		i.changed()
		out.ContainerInstances = append(out.ContainerInstances, i.describe())
	}
	return out, nil
}

func (e *ecsState) putAttributes(_ *call, in *ecs.PutAttributesInput) (*ecs.PutAttributesOutput, error) {
	c, err := e.cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	if len(in.Attributes) > maxPutAttributes {
		return nil, refuse(invalidParameter, "Attributes can have at most %d entries.", maxPutAttributes)
	}
	for _, a := range in.Attributes {
		i := c.instances[lastPart(aws.ToString(a.TargetId))]
		if i == nil || i.status == statusInactive {
			return nil, refuse("TargetNotFoundException", "The specified target was not found.")
		}
		i.attributes[aws.ToString(a.Name)] = aws.ToString(a.Value)
		i.changed()
	}
	return &ecs.PutAttributesOutput{Attributes: in.Attributes}, nil
}
