package awsfake

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// LogsOptions say how CloudWatch Logs behaves.
type LogsOptions struct {
	// Delay is how late a line of a task can be read, drawn for each line; lines of one stream do not overtake each other.
	Delay Span
}

type logsState struct {
	w       *World
	options LogsOptions
	groups  map[string]*logGroup
}

// logGroup is a log group.
type logGroup struct {
	name    string
	created time.Time
	days    int32 // how long events are kept; 0: for ever
	tags    tags
	streams map[string]*logStream
}

func (w *World) openLogs() *service {
	l := &logsState{w: w, options: w.options.Logs, groups: map[string]*logGroup{}}
	w.logs = l
	s := jsonService("logs", "1.1")
	s.leftovers = l.leftovers
	each := func(burst, perSecond float64) rate {
		return rate{name: "operation", each: true, burst: burst, perSecond: perSecond}
	}
	register(s, l.createGroup, each(10, 10))
	register(s, l.deleteGroup, each(10, 10))
	register(s, l.describeGroups, each(10, 10))
	register(s, l.putRetention, each(10, 10))
	register(s, l.createStream, each(50, 50))
	register(s, l.describeStreams, each(25, 25))
	register(s, l.putEvents, each(5000, 5000))
	register(s, l.getEvents, each(25, 25))
	register(s, l.filterEvents, each(5, 5))
	return s
}

func (l *logsState) createGroup(_ *call, in *cloudwatchlogs.CreateLogGroupInput) (*cloudwatchlogs.CreateLogGroupOutput, error) {
	name := aws.ToString(in.LogGroupName)
	if name == "" || len(name) > maxLogName {
		return nil, refuse(invalidParameter, "A log group name has between 1 and %d characters.", maxLogName)
	}
	if l.groups[name] != nil {
		return nil, refuse("ResourceAlreadyExistsException", "The specified log group already exists")
	}
	g := &logGroup{name: name, created: time.Now(), tags: tags{}, streams: map[string]*logStream{}}
	for key, value := range in.Tags {
		g.tags[key] = value
	}
	l.groups[name] = g
	return &cloudwatchlogs.CreateLogGroupOutput{}, nil
}

// group finds a log group by name, or by the identifier that some operations take in its place: a name or an ARN.
func (l *logsState) group(name, identifier *string) (*logGroup, error) {
	key := aws.ToString(name)
	if key == "" {
		key = groupOfARN(aws.ToString(identifier))
	}
	if g := l.groups[key]; g != nil {
		return g, nil
	}
	return nil, refuse("ResourceNotFoundException", "The specified log group does not exist.")
}

func (l *logsState) deleteGroup(_ *call, in *cloudwatchlogs.DeleteLogGroupInput) (*cloudwatchlogs.DeleteLogGroupOutput, error) {
	g, err := l.group(in.LogGroupName, nil)
	if err != nil {
		return nil, err
	}
	delete(l.groups, g.name)
	return &cloudwatchlogs.DeleteLogGroupOutput{}, nil
}

func (l *logsState) putRetention(_ *call, in *cloudwatchlogs.PutRetentionPolicyInput) (*cloudwatchlogs.PutRetentionPolicyOutput, error) {
	g, err := l.group(in.LogGroupName, nil)
	if err != nil {
		return nil, err
	}
	if !retentions[aws.ToInt32(in.RetentionInDays)] {
		return nil, refuse(invalidParameter, "Value %d for retentionInDays is not one of the valid numbers of days.", aws.ToInt32(in.RetentionInDays))
	}
	g.days = *in.RetentionInDays
	return &cloudwatchlogs.PutRetentionPolicyOutput{}, nil
}

// retentions are the numbers of days that PutRetentionPolicy takes.
var retentions = map[int32]bool{
	1: true, 3: true, 5: true, 7: true, 14: true, 30: true, 60: true, 90: true, 120: true, 150: true, 180: true, 365: true, 400: true, 545: true,
	731: true, 1096: true, 1827: true, 2192: true, 2557: true, 2922: true, 3288: true, 3653: true,
}

func (l *logsState) describeGroups(_ *call, in *cloudwatchlogs.DescribeLogGroupsInput) (*cloudwatchlogs.DescribeLogGroupsOutput, error) {
	var found []types.LogGroup
	for _, name := range sorted(l.groups) {
		if matchesName(name, in.LogGroupNamePrefix, in.LogGroupNamePattern) {
			found = append(found, l.groups[name].describe(l))
		}
	}
	page, next, err := logPage(found, in.Limit, in.NextToken)
	return &cloudwatchlogs.DescribeLogGroupsOutput{LogGroups: page, NextToken: next}, err
}

func (g *logGroup) describe(l *logsState) types.LogGroup {
	arn := l.w.arn("logs", "log-group:"+g.name)
	described := types.LogGroup{
		LogGroupName: &g.name, CreationTime: aws.Int64(g.created.UnixMilli()), LogGroupArn: &arn, Arn: aws.String(arn + ":*"),
		LogGroupClass: types.LogGroupClassStandard, MetricFilterCount: aws.Int32(0),
	}
	var bytes int64
	for _, s := range g.streams {
		bytes += s.bytes
	}
	described.StoredBytes = &bytes
	if g.days > 0 {
		described.RetentionInDays = aws.Int32(g.days)
	}
	return described
}

func (l *logsState) leftovers(installation string) (lines []string) {
	for _, name := range sorted(l.groups) {
		if l.groups[name].tags.of(installation) {
			lines = append(lines, "log group "+name)
		}
	}
	return lines
}
