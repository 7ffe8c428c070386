package api

import (
	"context"
	"slices"
	"strings"
)

type logGroupDetail struct {
	LogGroupName      string `json:"logGroupName"`
	LogGroupArn       string `json:"logGroupArn"`
	Arn               string `json:"arn"`
	CreationTime      int64  `json:"creationTime"` // ms
	StoredBytes       int64  `json:"storedBytes"`
	MetricFilterCount int32  `json:"metricFilterCount"`
	LogGroupClass     string `json:"logGroupClass"`
}

type describeLogGroupsRequest struct {
	LogGroupNamePrefix  string   `json:"logGroupNamePrefix"`
	LogGroupNamePattern string   `json:"logGroupNamePattern"`
	LogGroupIdentifiers []string `json:"logGroupIdentifiers"`
	LogGroupClass       string   `json:"logGroupClass"`
	NextToken           string   `json:"nextToken"`
	Limit               *int32   `json:"limit"`
}

type describeLogGroupsResponse struct {
	LogGroups []logGroupDetail `json:"logGroups"`
}

// logGroupClass is that of the group.
const logGroupClass = "STANDARD"

// describeLogGroups answers the group if the request selects it. There is no second page.
func (s *server) describeLogGroups(_ context.Context, q *describeLogGroupsRequest) (describeLogGroupsResponse, error) {
	answer := describeLogGroupsResponse{LogGroups: []logGroupDetail{}}
	if limit := or(q.Limit, maxGroups); limit < 1 || limit > maxGroups {
		return answer, logInvalid("limit: given %d; allowed is 1 to %d", limit, maxGroups)
	}
	switch {
	case q.LogGroupNamePrefix != "" && q.LogGroupNamePattern != "":
		return answer, logInvalid("logGroupNamePattern: given beside logGroupNamePrefix; allowed is only one of them")
	case q.NextToken != "":
		return answer, logInvalid("nextToken: given a token that was not made here; allowed is nothing: there is one page")
	case !strings.HasPrefix(logGroup, q.LogGroupNamePrefix), !strings.Contains(logGroup, q.LogGroupNamePattern),
		len(q.LogGroupIdentifiers) > 0 && !slices.ContainsFunc(q.LogGroupIdentifiers, s.isGroup),
		q.LogGroupClass != "" && q.LogGroupClass != logGroupClass:
		return answer, nil
	}
	arn := s.logARN(logGroup)
	answer.LogGroups = append(answer.LogGroups, logGroupDetail{
		LogGroupName: logGroup, LogGroupArn: arn, Arn: arn + ":*", CreationTime: s.StartedAt.UnixMilli(), LogGroupClass: logGroupClass,
	})
	return answer, nil
}
