package awsfake

import (
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// cluster is a cluster of ECS. One that was deleted stays visible as INACTIVE.
type cluster struct {
	name, arn     string
	active        bool
	settings      []types.ClusterSetting
	configuration *types.ClusterConfiguration
	providers     []string
	strategy      []types.CapacityProviderStrategyItem
	tags          tags

	instances map[string]*containerInstance // by id, INACTIVE ones too for a while
	order     sequence[*containerInstance]
	hosts     map[string]*containerInstance // by the id of the EC2 instance, without INACTIVE ones
	tasks     map[string]*task              // by id
	taskOrder sequence[*task]
}

var clusterName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,255}$`)

func (e *ecsState) createCluster(_ *call, in *ecs.CreateClusterInput) (*ecs.CreateClusterOutput, error) {
	name := nameOr(in.ClusterName, defaultCluster)
	if !clusterName.MatchString(name) {
		return nil, refuse(invalidParameter, "Identifier must be 1-255 characters in length and only contain letters, numbers, hyphens, and underscores.")
	}
	if err := e.checkProviders(in.CapacityProviders, in.DefaultCapacityProviderStrategy); err != nil {
		return nil, err
	}
	c := e.clusters[name]
	if c == nil || !c.active { // an existing cluster is returned as it is
		c = &cluster{
			name: name, arn: e.w.arn("ecs", "cluster/"+name), active: true,
			settings: in.Settings, configuration: in.Configuration,
			providers: in.CapacityProviders, strategy: in.DefaultCapacityProviderStrategy, tags: tags{},
			instances: map[string]*containerInstance{}, hosts: map[string]*containerInstance{}, tasks: map[string]*task{},
		}
		if err := setTags(c.tags, in.Tags); err != nil {
			return nil, err
		}
		e.clusters[name] = c
	}
	return &ecs.CreateClusterOutput{Cluster: c.describe(true)}, nil
}

// cluster finds a cluster that is not deleted by its name or ARN; nil stands for the cluster default.
func (e *ecsState) cluster(reference *string) (*cluster, error) {
	name := nameOr(reference, defaultCluster)
	c := e.clusters[lastPart(name)]
	if c == nil || !c.active || (strings.HasPrefix(name, "arn:") && name != c.arn) {
		return nil, refuse("ClusterNotFoundException", "Cluster not found.")
	}
	return c, nil
}

func (e *ecsState) describeClusters(_ *call, in *ecs.DescribeClustersInput) (*ecs.DescribeClustersOutput, error) {
	out := &ecs.DescribeClustersOutput{}
	if len(in.Clusters) == 0 {
		in.Clusters = []string{defaultCluster}
	}
	if len(in.Clusters) > maxDescribed {
		return nil, refuse(invalidParameter, "Clusters cannot be more than %d.", maxDescribed)
	}
	for _, reference := range in.Clusters {
		c := e.clusters[lastPart(reference)]
		if c == nil {
			out.Failures = append(out.Failures, missing(e.w.arn("ecs", "cluster/"+lastPart(reference))))
			continue
		}
		out.Clusters = append(out.Clusters, *c.describe(slices.Contains(in.Include, types.ClusterFieldTags)))
	}
	return out, nil
}

func (e *ecsState) deleteCluster(_ *call, in *ecs.DeleteClusterInput) (*ecs.DeleteClusterOutput, error) {
	c, err := e.cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	switch {
	case len(c.hosts) > 0:
		return nil, refuse("ClusterContainsContainerInstancesException", "The Cluster cannot be deleted while Container Instances are active or draining.")
	case c.live() > 0:
		return nil, refuse("ClusterContainsTasksException", "The Cluster cannot be deleted while Tasks are active.")
	}
	c.active = false
	return &ecs.DeleteClusterOutput{Cluster: c.describe(false)}, nil
}

func (e *ecsState) listClusters(_ *call, in *ecs.ListClustersInput) (*ecs.ListClustersOutput, error) {
	var arns []string
	for _, name := range sorted(e.clusters) {
		if c := e.clusters[name]; c.active {
			arns = append(arns, c.arn)
		}
	}
	page, next, err := ecsPage(arns, in.MaxResults, in.NextToken)
	return &ecs.ListClustersOutput{ClusterArns: page, NextToken: next}, err
}

func (e *ecsState) putProviders(_ *call, in *ecs.PutClusterCapacityProvidersInput) (*ecs.PutClusterCapacityProvidersOutput, error) {
	c, err := e.cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	if err := e.checkProviders(in.CapacityProviders, in.DefaultCapacityProviderStrategy); err != nil {
		return nil, err
	}
	c.providers, c.strategy = in.CapacityProviders, in.DefaultCapacityProviderStrategy
	return &ecs.PutClusterCapacityProvidersOutput{Cluster: c.describe(true)}, nil
}

// checkProviders refuses capacity providers other than Fargate's, and strategies that name a provider which is not among them.
func (e *ecsState) checkProviders(providers []string, strategy []types.CapacityProviderStrategyItem) error {
	for _, name := range providers {
		if name != providerFargate && name != providerFargateSpot {
			return refuse(clientException, "The specified capacity provider '%s' was not found. Specify a valid name or ARN and try again.", name)
		}
	}
	for _, item := range strategy {
		if !slices.Contains(providers, aws.ToString(item.CapacityProvider)) {
			return refuse(invalidParameter, "The capacity provider strategy cannot contain a capacity provider that is not associated with the cluster. Associate the capacity provider with the cluster and try again.")
		}
	}
	return nil
}

// live counts the tasks that have not stopped.
func (c *cluster) live() (count int) {
	for _, t := range c.tasks {
		if !t.stopped() {
			count++
		}
	}
	return count
}

func (c *cluster) describe(withTags bool) *types.Cluster {
	described := &types.Cluster{
		ClusterName: &c.name, ClusterArn: &c.arn, Status: aws.String("INACTIVE"), Settings: c.settings, Configuration: c.configuration,
		CapacityProviders: c.providers, DefaultCapacityProviderStrategy: c.strategy,
		RegisteredContainerInstancesCount: int32(len(c.hosts)),
	}
	if c.active {
		described.Status = aws.String("ACTIVE")
	}
	for _, t := range c.tasks {
		switch aws.ToString(t.LastStatus) {
		case statusRunning:
			described.RunningTasksCount++
		case statusPending, statusProvisioning:
			described.PendingTasksCount++
		}
	}
	if withTags {
		described.Tags = listTags(c.tags)
	}
	return described
}
