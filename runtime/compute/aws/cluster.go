package aws

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// jobLogGroup is where AWS Batch has the output of jobs.
const jobLogGroup = "/aws/batch/job"

// clusterActive is the status of a cluster that takes tasks.
const clusterActive = "ACTIVE"

// cluster makes the cluster of the environment, or finds it. One that a user named must exist, and stays when the environment goes.
func (b *builder) cluster(ctx context.Context, s *site) error {
	if b.resources.ECSCluster != "" {
		return b.usersCluster(ctx, s)
	}
	name := clusterName(b.row)
	input := &ecs.CreateClusterInput{ClusterName: aws.String(name), Tags: ecsTags(b.tags(b.row))}
	if b.row.Kind == "FARGATE" || b.row.Kind == "FARGATE_SPOT" {
		input.CapacityProviders = []string{"FARGATE", "FARGATE_SPOT"}
	}
	made, err := b.account.ecs.CreateCluster(ctx, input) // of a cluster that exists it returns that
	if err != nil {
		return whileDoing("making the ECS cluster "+name, err)
	}
	s.cluster, s.clusterName, s.ours = aws.ToString(made.Cluster.ClusterArn), name, true
	return nil
}

func (b *builder) usersCluster(ctx context.Context, s *site) error {
	name := b.resources.ECSCluster
	found, err := b.account.ecs.DescribeClusters(ctx, &ecs.DescribeClustersInput{Clusters: []string{name}})
	if err != nil {
		return whileDoing("looking for the ECS cluster "+name, err)
	}
	for _, c := range found.Clusters {
		if aws.ToString(c.Status) == clusterActive {
			s.cluster, s.clusterName = aws.ToString(c.ClusterArn), aws.ToString(c.ClusterName)
			return nil
		}
	}
	return fmt.Errorf("batchd.ecsCluster: the ECS cluster %q does not exist in account %s, region %s; create it, or leave it out to have one made", name, b.account.number, b.account.region)
}

// logGroup makes the group that the output of jobs goes to. Job definitions that name another group need that to exist.
func (b *builder) logGroup(ctx context.Context, _ *site) error {
	_, err := b.account.logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String(jobLogGroup)})
	if err == nil || isCode(err, "ResourceAlreadyExistsException") {
		return nil
	}
	return whileDoing("making the log group "+jobLogGroup, err)
}

func ecsTags(tags map[string]string) (list []ecstypes.Tag) {
	for _, t := range ec2Tags(tags, nil) {
		list = append(list, ecstypes.Tag{Key: t.Key, Value: t.Value})
	}
	return list
}
