package logs

import (
	"context"
	"slices"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/api/pagetoken"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// GroupDetail describes a group.
type GroupDetail struct {
	LogGroupName      string `json:"logGroupName"`
	LogGroupArn       string `json:"logGroupArn"`
	Arn               string `json:"arn"`
	CreationTime      int64  `json:"creationTime"` // ms
	RetentionInDays   int32  `json:"retentionInDays,omitempty"`
	StoredBytes       int64  `json:"storedBytes"`
	MetricFilterCount int32  `json:"metricFilterCount"`
	LogGroupClass     string `json:"logGroupClass"`
}

// DescribeLogGroupsRequest asks for groups by their names.
type DescribeLogGroupsRequest struct {
	LogGroupNamePrefix  string   `json:"logGroupNamePrefix"`
	LogGroupNamePattern string   `json:"logGroupNamePattern"`
	LogGroupIdentifiers []string `json:"logGroupIdentifiers"`
	LogGroupClass       string   `json:"logGroupClass"`
	NextToken           string   `json:"nextToken"`
	Limit               *int32   `json:"limit"`
}

// DescribeLogGroupsResponse is a page of groups.
type DescribeLogGroupsResponse struct {
	LogGroups []GroupDetail `json:"logGroups"`
	NextToken string        `json:"nextToken,omitempty"`
}

// logGroupClass is that of every group.
const logGroupClass = "STANDARD"

// DescribeLogGroups answers the default group, those that job definitions name and those that were created, by name.
func (s *Service) DescribeLogGroups(ctx context.Context, _ batch.Caller, q *DescribeLogGroupsRequest) (DescribeLogGroupsResponse, error) {
	answer := DescribeLogGroupsResponse{LogGroups: []GroupDetail{}}
	limit := wire.Or(q.Limit, maxGroups)
	if limit < 1 || limit > maxGroups {
		return answer, invalid("limit: given %d; allowed is 1 to %d", limit, maxGroups)
	}
	if q.LogGroupNamePrefix != "" && q.LogGroupNamePattern != "" {
		return answer, invalid("logGroupNamePattern: given beside logGroupNamePrefix; allowed is only one of them")
	}
	after := ""
	if err := pagetoken.Decode(q.NextToken, &after); err != nil {
		return answer, invalid("%v", err)
	}
	groups, err := store.Named[batch.LogGroup](ctx, s.Store, store.NameQuery{})
	if err != nil {
		return answer, err
	}
	for _, group := range s.withDefault(groups) {
		if group.Name <= after || !s.selects(q, group.Name) {
			continue
		}
		if len(answer.LogGroups) == int(limit) {
			answer.NextToken = pagetoken.Encode(answer.LogGroups[limit-1].LogGroupName)
			break
		}
		arn := s.logARN(group.Name)
		answer.LogGroups = append(answer.LogGroups, GroupDetail{
			LogGroupName: group.Name, LogGroupArn: arn, Arn: arn + ":*", CreationTime: int64(group.CreatedAt), LogGroupClass: logGroupClass,
			RetentionInDays: group.RetentionDays,
		})
	}
	return answer, nil
}

// withDefault puts the default group among those that are stored, unless it is one of them.
func (s *Service) withDefault(groups []batch.LogGroup) []batch.LogGroup {
	at, found := slices.BinarySearchFunc(groups, batch.DefaultLogGroup, func(g batch.LogGroup, name string) int { return strings.Compare(g.Name, name) })
	if found {
		return groups
	}
	return slices.Insert(slices.Clone(groups), at, s.defaultLogGroup())
}

// selects reports whether a request asks for the group of that name.
func (s *Service) selects(q *DescribeLogGroupsRequest, name string) bool {
	return strings.HasPrefix(name, q.LogGroupNamePrefix) && strings.Contains(name, q.LogGroupNamePattern) &&
		(len(q.LogGroupIdentifiers) == 0 || slices.ContainsFunc(q.LogGroupIdentifiers, func(id string) bool { return s.logGroupName(id) == name })) &&
		(q.LogGroupClass == "" || q.LogGroupClass == logGroupClass)
}
