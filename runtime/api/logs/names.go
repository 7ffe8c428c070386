package logs

import (
	"cmp"
	"context"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/describe"
	"github.com/batchd/terraform-provider-batch/runtime/joblog"
	"github.com/batchd/terraform-provider-batch/runtime/registry"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// Names are the log groups that a registration names.
func Names(q *wire.RegisterJobDefinitionRequest) []registry.LogName {
	var names []registry.LogName
	for _, l := range q.LogConfigurations() {
		if l.LogDriver == wire.DriverAwslogs && (l.Options[wire.OptionLogGroup] != "" || l.Options[wire.OptionLogPrefix] != "") {
			names = append(names, registry.LogName{Group: describe.LogNameOf("", l).Group, Prefixed: l.Options[wire.OptionLogPrefix] != ""})
		}
	}
	return names
}

// GroupRef names the group; one of the members does, the identifier also as an ARN.
type GroupRef struct {
	LogGroupName       string `json:"logGroupName"`
	LogGroupIdentifier string `json:"logGroupIdentifier"`
}

// logGroup returns the group that a request names.
func (s *Service) logGroup(ctx context.Context, r store.Reader, g GroupRef) (batch.LogGroup, error) {
	switch {
	case g.LogGroupName != "" && g.LogGroupIdentifier != "":
		return batch.LogGroup{}, invalid("logGroupIdentifier: given beside logGroupName; allowed is only one of them")
	case g.LogGroupName == "" && g.LogGroupIdentifier == "":
		return batch.LogGroup{}, invalid("logGroupName: given nothing; allowed is %s, or a group that a job definition names", batch.DefaultLogGroup)
	}
	name := cmp.Or(g.LogGroupName, s.logGroupName(g.LogGroupIdentifier))
	found, err := store.Named[batch.LogGroup](ctx, r, store.NameQuery{Names: []string{name}})
	switch {
	case err != nil:
		return batch.LogGroup{}, err
	case len(found) > 0:
		return found[0], nil
	case name == batch.DefaultLogGroup:
		return s.defaultLogGroup(), nil
	default:
		return batch.LogGroup{}, notFound("group")
	}
}

// defaultLogGroup is that of jobs whose definition names none, as long as nothing is stored of it.
func (s *Service) defaultLogGroup() batch.LogGroup {
	return batch.LogGroup{Name: batch.DefaultLogGroup, Named: true, CreatedAt: batch.At(s.StartedAt)}
}

// logGroupName returns the name in a name or an ARN, with or without :* at its end.
func (s *Service) logGroupName(nameOrARN string) string {
	return strings.TrimPrefix(strings.TrimSuffix(nameOrARN, ":*"), s.logARN(""))
}

func (s *Service) logARN(group string) string {
	return "arn:aws:logs:" + s.Place.Region + ":" + s.Place.Account + ":log-group:" + group
}

// stream finds the log that a log stream of a group names.
func (s *Service) stream(ctx context.Context, r store.Reader, group, name string) (joblog.Log, error) {
	id, ok := describe.ParseTaskID(name[strings.LastIndexByte(name, '/')+1:])
	if !ok {
		return joblog.Log{}, notFound("stream")
	}
	jobs, err := r.Jobs(ctx, []batch.JobID{id.Job})
	if err != nil {
		return joblog.Log{}, err
	}
	if len(jobs) == 0 || id.Number > jobs[0].Attempt || jobs[0].ReusedFrom != "" {
		return joblog.Log{}, notFound("stream")
	}
	definitions, err := describe.Definitions(ctx, r, jobs)
	if err != nil {
		return joblog.Log{}, err
	}
	if definition := definitions[jobs[0].Definition]; definition.LogName(id.Job).Group != group || definition.LogStream(id) != name {
		return joblog.Log{}, notFound("stream")
	}
	log, err := s.logOf(ctx, r, jobs[0], id.Number)
	if err == nil && log.Ref.IsZero() {
		err = notFound("stream")
	}
	return log, err
}
