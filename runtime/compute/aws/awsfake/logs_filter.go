package awsfake

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// filterEvents reads the events of several streams by time. Of filter patterns it knows terms, all of which an event must contain:
// error "disk full".
func (l *logsState) filterEvents(c *call, in *cloudwatchlogs.FilterLogEventsInput) (*cloudwatchlogs.FilterLogEventsOutput, error) {
	g, err := l.group(in.LogGroupName, in.LogGroupIdentifier)
	if err != nil {
		return nil, err
	}
	if len(in.LogStreamNames) > 0 && in.LogStreamNamePrefix != nil {
		return nil, refuse(invalidParameter, "logStreamNames and logStreamNamePrefix cannot both be specified.")
	}
	limit, err := eventLimit(in.Limit)
	if err != nil {
		return nil, err
	}
	terms, err := filterTerms(aws.ToString(in.FilterPattern))
	if err != nil {
		return nil, err
	}
	skip, err := strconv.Atoi(nameOr(in.NextToken, "0"))
	if err != nil {
		return nil, refuse(invalidParameter, "The specified nextToken is invalid.")
	}
	var found []types.FilteredLogEvent
	for n, name := range sorted(g.streams) {
		named := len(in.LogStreamNames) == 0 || slices.Contains(in.LogStreamNames, name)
		if !named || !matchesName(name, in.LogStreamNamePrefix, nil) {
			continue
		}
		for i, e := range g.streams[name].seen(c) {
			if within(e.at, in.StartTime, in.EndTime) && terms.match(e.message) {
				found = append(found, types.FilteredLogEvent{
					EventId: aws.String(fmt.Sprintf("%028d%028d", n, i)), LogStreamName: aws.String(name),
					Timestamp: aws.Int64(e.at), IngestionTime: aws.Int64(e.ingested), Message: aws.String(e.message),
				})
			}
		}
	}
	slices.SortStableFunc(found, func(a, b types.FilteredLogEvent) int { return cmp.Compare(*a.Timestamp, *b.Timestamp) })
	found = found[min(skip, len(found)):]
	out := &cloudwatchlogs.FilterLogEventsOutput{Events: found[:min(limit, len(found))]}
	if len(found) > limit {
		out.NextToken = aws.String(strconv.Itoa(skip + limit))
	}
	return out, nil
}

// terms are what an event must contain.
type terms []string

func filterTerms(pattern string) (t terms, err error) {
	rest := strings.TrimSpace(pattern)
	if strings.HasPrefix(rest, "{") || strings.HasPrefix(rest, "[") || strings.HasPrefix(rest, "%") {
		return nil, refuse(invalidParameter, "Filter patterns other than terms are not served here: %s", pattern)
	}
	for rest != "" {
		var term string
		if strings.HasPrefix(rest, `"`) {
			term, rest, _ = strings.Cut(rest[1:], `"`)
		} else {
			term, rest, _ = strings.Cut(rest, " ")
		}
		t, rest = append(t, term), strings.TrimSpace(rest)
	}
	return t, nil
}

func (t terms) match(message string) bool {
	return !slices.ContainsFunc(t, func(term string) bool { return !strings.Contains(message, term) })
}

// matchesName reports whether a name has the prefix and contains the pattern that were asked for, if any.
func matchesName(name string, prefix, pattern *string) bool {
	return strings.HasPrefix(name, aws.ToString(prefix)) && strings.Contains(strings.ToLower(name), strings.ToLower(aws.ToString(pattern)))
}

// groupOfARN is the name in the ARN of a log group, or the name itself.
func groupOfARN(identifier string) string {
	if _, name, isARN := strings.Cut(identifier, ":log-group:"); isARN {
		return strings.TrimSuffix(name, ":*")
	}
	return identifier
}

// logPage is a page of a list, 50 entries if the caller does not say.
func logPage[T any](all []T, asked *int32, token *string) (page []T, next *string, err error) {
	size := maxLogList
	if asked != nil {
		if *asked < 1 || *asked > maxLogList {
			return nil, nil, refuse(invalidParameter, "1 validation error detected: Value '%d' at 'limit' failed to satisfy constraint: Member must be between 1 and %d", *asked, maxLogList)
		}
		size = int(*asked)
	}
	from, err := strconv.Atoi(nameOr(token, "0"))
	if err != nil {
		return nil, nil, refuse(invalidParameter, "The specified nextToken is invalid.")
	}
	from = min(from, len(all))
	to := min(from+size, len(all))
	if to < len(all) {
		next = aws.String(strconv.Itoa(to))
	}
	return all[from:to], next, nil
}
