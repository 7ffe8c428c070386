package awsfake

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/awsfake/eventpattern"
)

// EventOptions say how EventBridge delivers. With the zero options every event arrives once and at once.
type EventOptions struct {
	// Delay is how late an event arrives; events overtake each other.
	Delay Span
	// Duplicated and Lost are the shares of events, from 0 to 1, that arrive twice and never.
	Duplicated, Lost float64
}

// busState is EventBridge: the default bus and its rules.
type busState struct {
	w       *World
	options EventOptions
	rules   map[string]*rule
	sent    int
}

type rule struct {
	types.Rule
	pattern eventpattern.Pattern
	targets []types.Target
	tags    tags
}

func (w *World) openEvents() *service {
	b := &busState{w: w, options: w.options.Events, rules: map[string]*rule{}}
	w.bus = b
	w.listen(b.hear)
	s := jsonService("events", "1.1")
	s.leftovers = b.leftovers
	each := func(perSecond float64) rate {
		return rate{name: "operation", each: true, burst: perSecond, perSecond: perSecond}
	}
	register(s, b.putRule, each(50))
	register(s, b.describeRule, each(50))
	register(s, b.listRules, each(50))
	register(s, b.deleteRule, each(50))
	register(s, b.putTargets, each(50))
	register(s, b.listTargets, each(50))
	register(s, b.removeTargets, each(50))
	register(s, b.putEvents, each(10000))
	return s
}

var ruleName = regexp.MustCompile(`^[.A-Za-z0-9_-]{1,64}$`)

func (b *busState) putRule(_ *call, in *eventbridge.PutRuleInput) (*eventbridge.PutRuleOutput, error) {
	name := aws.ToString(in.Name)
	switch {
	case !ruleName.MatchString(name):
		return nil, refuse("ValidationException", "A rule name has 1 to 64 letters, digits, dots, hyphens and underscores.")
	case in.EventPattern == nil && in.ScheduleExpression == nil:
		return nil, refuse("ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified.")
	case in.ScheduleExpression != nil:
		return nil, refuse("ValidationException", "Schedules are not served here.")
	}
	if err := b.onDefaultBus(in.EventBusName); err != nil {
		return nil, err
	}
	pattern, err := eventpattern.Parse(*in.EventPattern)
	if err != nil {
		return nil, refuse("InvalidEventPatternException", "Event pattern is not valid. Reason: %v", err)
	}
	r := b.rules[name]
	if r == nil {
		r = &rule{tags: tags{}}
		b.rules[name] = r
	}
	if in.State == "" {
		in.State = types.RuleStateEnabled
	}
	for _, tag := range in.Tags {
		r.tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	r.pattern = pattern
	r.Rule = types.Rule{
		Name: in.Name, Arn: aws.String(b.w.arn("events", "rule/"+name)), Description: in.Description, EventPattern: in.EventPattern, State: in.State,
		EventBusName: aws.String("default"), RoleArn: in.RoleArn,
	}
	return &eventbridge.PutRuleOutput{RuleArn: r.Arn}, nil
}

// onDefaultBus refuses other event buses, which this world does not have.
func (b *busState) onDefaultBus(name *string) error {
	if name == nil || lastPart(*name) == "default" {
		return nil
	}
	return refuse("ResourceNotFoundException", "Event bus %s does not exist.", *name)
}

func (b *busState) rule(name, bus *string) (*rule, error) {
	if err := b.onDefaultBus(bus); err != nil {
		return nil, err
	}
	if r := b.rules[aws.ToString(name)]; r != nil {
		return r, nil
	}
	return nil, refuse("ResourceNotFoundException", "Rule %s does not exist on EventBus default.", aws.ToString(name))
}

func (b *busState) describeRule(_ *call, in *eventbridge.DescribeRuleInput) (*eventbridge.DescribeRuleOutput, error) {
	r, err := b.rule(in.Name, in.EventBusName)
	if err != nil {
		return nil, err
	}
	return &eventbridge.DescribeRuleOutput{
		Name: r.Name, Arn: r.Arn, Description: r.Description, EventPattern: r.EventPattern, State: r.State, EventBusName: r.EventBusName, RoleArn: r.RoleArn,
	}, nil
}

func (b *busState) listRules(_ *call, in *eventbridge.ListRulesInput) (*eventbridge.ListRulesOutput, error) {
	if err := b.onDefaultBus(in.EventBusName); err != nil {
		return nil, err
	}
	var found []types.Rule
	for _, name := range sorted(b.rules) {
		if strings.HasPrefix(name, aws.ToString(in.NamePrefix)) {
			found = append(found, b.rules[name].Rule)
		}
	}
	page, next, err := busPage(found, in.Limit, in.NextToken)
	return &eventbridge.ListRulesOutput{Rules: page, NextToken: next}, err
}

func (b *busState) deleteRule(_ *call, in *eventbridge.DeleteRuleInput) (*eventbridge.DeleteRuleOutput, error) {
	r, err := b.rule(in.Name, in.EventBusName)
	if err != nil { // deleting what is not there succeeds
		return &eventbridge.DeleteRuleOutput{}, b.onDefaultBus(in.EventBusName)
	}
	if len(r.targets) > 0 {
		return nil, refuse("ValidationException", "Rule can't be deleted since it has targets.")
	}
	delete(b.rules, *r.Name)
	return &eventbridge.DeleteRuleOutput{}, nil
}

func busPage[T any](all []T, asked *int32, token *string) (page []T, next *string, err error) {
	size := maxPage
	if asked != nil {
		size = int(*asked)
	}
	from, err := strconv.Atoi(nameOr(token, "0"))
	if err != nil || size < 1 || size > maxPage {
		return nil, nil, refuse("ValidationException", "The limit must be between 1 and %d, and the token one that was returned.", maxPage)
	}
	from = min(from, len(all))
	to := min(from+size, len(all))
	if to < len(all) {
		next = aws.String(strconv.Itoa(to))
	}
	return all[from:to], next, nil
}

func (b *busState) leftovers(installation string) (lines []string) {
	for _, name := range sorted(b.rules) {
		if b.rules[name].tags.of(installation) {
			lines = append(lines, "eventbridge rule "+name)
		}
	}
	return lines
}
