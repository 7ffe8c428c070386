package api

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// streamMiddle stands between the prefix of a stream's name and the id of the task. AWS has the name of the container there.
const streamMiddle = "/" + containerName + "/"

// logName is where output is found: in a log group, in streams whose names begin with a prefix.
type logName struct{ group, prefix string }

// logNameOf is where the output of a container of a job definition is found.
func logNameOf(definition string, l *wire.LogConfiguration) logName {
	if l == nil || l.LogDriver != wire.DriverAwslogs {
		return logName{batch.DefaultLogGroup, definition}
	}
	return logName{
		cmp.Or(l.Options[wire.OptionLogGroup], batch.DefaultLogGroup),
		cmp.Or(l.Options[wire.OptionLogPrefix], definition),
	}
}

// logNames are the log groups that a registration names.
func logNames(q *wire.RegisterJobDefinitionRequest) []sched.LogName {
	var names []sched.LogName
	for _, l := range q.LogConfigurations() {
		if l.LogDriver == wire.DriverAwslogs && (l.Options[wire.OptionLogGroup] != "" || l.Options[wire.OptionLogPrefix] != "") {
			names = append(names, sched.LogName{Group: logNameOf("", l).group, Prefixed: l.Options[wire.OptionLogPrefix] != ""})
		}
	}
	return names
}

// logName is where the output of a job is found, or of a node of one.
func (d definitionDocument) logName(id batch.JobID) logName {
	container := d.ContainerProperties
	if _, index, node := id.SplitNode(); node {
		container = d.node(index).Container
	}
	if container == nil {
		return logNameOf(d.name, nil)
	}
	return logNameOf(d.name, container.LogConfiguration)
}

// logStream names the log of an attempt in AWS's form.
func (d definitionDocument) logStream(a batch.AttemptID) string {
	return d.logName(a.Job).prefix + streamMiddle + taskID(a)
}

// writesTo reports whether output of jobs of the definition is found in a log group.
func (d definitionDocument) writesTo(group string) bool {
	if d.NodeProperties == nil {
		return d.logName("").group == group
	}
	return slices.ContainsFunc(d.NodeProperties.NodeRangeProperties, func(r wire.NodeRangeProperty) bool {
		var l *wire.LogConfiguration
		if r.Container != nil {
			l = r.Container.LogConfiguration
		}
		return logNameOf(d.name, l).group == group
	})
}

// documentsOf reads the definitions of jobs.
func (s *server) documentsOf(ctx context.Context, r store.Reader, jobs []batch.Job) (map[batch.DefinitionRef]definitionDocument, error) {
	refs := newSet[batch.DefinitionRef]()
	for _, j := range jobs {
		refs.add(j.Definition)
	}
	documents := make(map[batch.DefinitionRef]definitionDocument, len(refs.list))
	for _, ref := range refs.list {
		documents[ref] = definitionDocument{name: ref.Name}
	}
	definitions, err := r.Definitions(ctx, store.DefinitionQuery{Refs: refs.list})
	if err != nil {
		return nil, err
	}
	for _, d := range definitions {
		if documents[d.Ref()], err = documentOf(d); err != nil {
			return nil, err
		}
	}
	return documents, nil
}

// logGroupRef names the group; one of the members does, the identifier also as an ARN.
type logGroupRef struct {
	LogGroupName       string `json:"logGroupName"`
	LogGroupIdentifier string `json:"logGroupIdentifier"`
}

// logGroup returns the group that a request names.
func (s *server) logGroup(ctx context.Context, g logGroupRef) (batch.LogGroup, error) {
	switch {
	case g.LogGroupName != "" && g.LogGroupIdentifier != "":
		return batch.LogGroup{}, logInvalid("logGroupIdentifier: given beside logGroupName; allowed is only one of them")
	case g.LogGroupName == "" && g.LogGroupIdentifier == "":
		return batch.LogGroup{}, logInvalid("logGroupName: given nothing; allowed is %s, or a group that a job definition names", batch.DefaultLogGroup)
	}
	name := cmp.Or(g.LogGroupName, s.logGroupName(g.LogGroupIdentifier))
	found, err := s.Store.LogGroups(ctx, store.NameQuery{Names: []string{name}})
	switch {
	case err != nil:
		return batch.LogGroup{}, err
	case len(found) > 0:
		return found[0], nil
	case name == batch.DefaultLogGroup:
		return s.defaultLogGroup(), nil
	default:
		return batch.LogGroup{}, logNotFound("group")
	}
}

// defaultLogGroup is that of jobs whose definition names none, as long as nothing is stored of it.
func (s *server) defaultLogGroup() batch.LogGroup {
	return batch.LogGroup{Name: batch.DefaultLogGroup, Named: true, CreatedAt: batch.At(s.StartedAt)}
}

// logGroupName returns the name in a name or an ARN, with or without :* at its end.
func (s *server) logGroupName(nameOrARN string) string {
	return strings.TrimPrefix(strings.TrimSuffix(nameOrARN, ":*"), s.logARN(""))
}

func (s *server) logARN(group string) string {
	return "arn:aws:logs:" + s.Place.Region + ":" + s.Place.Account + ":log-group:" + group
}

// stream finds the output that a log stream of a group names.
func (s *server) stream(ctx context.Context, group, name string) (out output, err error) {
	err = s.Store.Together(ctx, func(r store.Reader) (err error) {
		out, err = s.streamNow(ctx, r, group, name)
		return err
	})
	return out, err
}

func (s *server) streamNow(ctx context.Context, r store.Reader, group, name string) (output, error) {
	id, ok := parseTaskID(name[strings.LastIndexByte(name, '/')+1:])
	if !ok {
		return output{}, logNotFound("stream")
	}
	jobs, err := r.Jobs(ctx, []batch.JobID{id.Job})
	if err != nil {
		return output{}, err
	}
	if len(jobs) == 0 || id.Number > jobs[0].Attempt || jobs[0].ReusedFrom != "" {
		return output{}, logNotFound("stream")
	}
	documents, err := s.documentsOf(ctx, r, jobs)
	if err != nil {
		return output{}, err
	}
	if document := documents[jobs[0].Definition]; document.logName(id.Job).group != group || document.logStream(id) != name {
		return output{}, logNotFound("stream")
	}
	out, err := s.outputOf(ctx, r, jobs[0], id.Number)
	if err == nil && !out.known {
		err = logNotFound("stream")
	}
	return out, err
}
