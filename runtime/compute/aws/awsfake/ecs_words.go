package awsfake

import (
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// The error codes that most operations of ECS share.
const (
	invalidParameter = "InvalidParameterException"
	clientException  = "ClientException"
)

// The names that ECS gives to things without being asked.
const (
	defaultCluster      = "default"
	providerFargate     = "FARGATE"
	providerFargateSpot = "FARGATE_SPOT"
)

// What a task or container instance can be.
const (
	statusProvisioning = "PROVISIONING"
	statusPending      = "PENDING"
	statusRunning      = "RUNNING"
	statusStopping     = "STOPPING"
	statusDeprovision  = "DEPROVISIONING"
	statusStopped      = "STOPPED"

	statusActive   = "ACTIVE"
	statusDraining = "DRAINING"
	statusInactive = "INACTIVE"
)

// setTags adds tags of ECS to those that a resource has.
func setTags(t tags, list []types.Tag) error {
	for _, tag := range list {
		if strings.HasPrefix(strings.ToLower(aws.ToString(tag.Key)), "aws:") {
			return refuse(invalidParameter, "Tag keys cannot start with 'aws:'.")
		}
		t[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	if len(t) > maxTags {
		return refuse(invalidParameter, "Too many tags. The maximum number of tags per resource is %d.", maxTags)
	}
	return nil
}

// listTags lists tags as ECS does.
func listTags(t tags) (list []types.Tag) {
	for _, key := range sorted(t) {
		list = append(list, types.Tag{Key: aws.String(key), Value: aws.String(t[key])})
	}
	return list
}

func missing(arn string) types.Failure {
	return types.Failure{Arn: aws.String(arn), Reason: aws.String("MISSING")}
}

func nameOr(name *string, otherwise string) string {
	if aws.ToString(name) == "" {
		return otherwise
	}
	return *name
}

// pageSize is how many results a page may have, 100 if the caller does not say.
func pageSize(asked *int32) (int, error) {
	switch {
	case asked == nil:
		return maxPage, nil
	case *asked < 1 || *asked > maxPage:
		return 0, refuse(invalidParameter, "maxResults must be between 1 and %d.", maxPage)
	}
	return int(*asked), nil
}

// ecsPage is one page of a list that is made anew for each call. The token is the index of the next one.
func ecsPage(all []string, asked *int32, token *string) (page []string, next *string, err error) {
	size, err := pageSize(asked)
	if err != nil {
		return nil, nil, err
	}
	from, err := strconv.Atoi(nameOr(token, "0"))
	if err != nil || from < 0 || from > len(all) {
		return nil, nil, refuse(invalidParameter, "Invalid token %s.", aws.ToString(token))
	}
	to := min(from+size, len(all))
	if to < len(all) {
		next = aws.String(strconv.Itoa(to))
	}
	return all[from:to], next, nil
}
