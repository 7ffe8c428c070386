package api

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/auth"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// Metadata tells attempts about themselves in the shape of Amazon ECS's task metadata endpoint, version 4. Each has a path of
// its own that nobody can guess: it is made of the attempt's id and the key alone, so that the service remembers nothing
// and a path outlives it.
type Metadata struct {
	server *server
	key    []byte
	base   string
}

const (
	// metadataPrefix leads the paths of metadata.
	metadataPrefix = "/v4/"
	// metadataTask ends the path of what is said of a task.
	metadataTask = "/task"
	// metadataMark is how many bytes of the hash a path has.
	metadataMark = 16
	// containerName is what AWS Batch calls the container of a job.
	containerName = "default"
	// cpuUnits is how many of ECS's CPU units a vCPU has.
	cpuUnits = 1024
)

// NewMetadata returns what is served at a URL, base, without a slash at its end. Of o only Store and Place are used.
func NewMetadata(o Options, key []byte, base string) *Metadata {
	return &Metadata{server: &server{Options: o}, key: key, base: base}
}

// URL returns where an attempt finds out about itself.
func (m *Metadata) URL(a batch.AttemptID) string { return m.base + metadataPrefix + m.token(a) }

// token is the task id of an attempt and a mark that only the key makes.
func (m *Metadata) token(a batch.AttemptID) string {
	id := taskID(a)
	mac := hmac.New(sha256.New, m.key)
	_, _ = mac.Write([]byte(id)) // a hash does not fail
	return id + "-" + hex.EncodeToString(mac.Sum(nil)[:metadataMark])
}

// attempt returns whose path a token is.
func (m *Metadata) attempt(token string) (batch.AttemptID, bool) {
	at := strings.LastIndexByte(token, '-')
	if at < 0 {
		return batch.AttemptID{}, false
	}
	a, ok := parseTaskID(token[:at])
	return a, ok && hmac.Equal([]byte(m.token(a)), []byte(token))
}

// ServeHTTP answers what is known of the attempt whose path it is, and 404 to everything else.
func (m *Metadata) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	token, ok := strings.CutPrefix(r.URL.Path, metadataPrefix)
	token, task := strings.CutSuffix(token, metadataTask)
	a, known := m.attempt(token)
	if !ok || !known || r.Method != http.MethodGet || (auth.Guard{}).Check(r) != nil {
		http.NotFound(w, r)
		return
	}
	found, err := m.task(r.Context(), a)
	switch {
	case err != nil:
		if m.server.Logger != nil {
			m.server.Logger.Error("metadata of an attempt cannot be read", "attempt", a.String(), "error", err)
		}
		http.Error(w, "the metadata cannot be read now", http.StatusInternalServerError)
	case found == nil:
		http.NotFound(w, r)
	case task:
		_ = write(w, found) // plain values; they are always written
	default:
		_ = write(w, &found.Containers[0]) // as above
	}
}

// taskMetadata is what ECS tells of a task, as far as there is something to tell.
type taskMetadata struct {
	Cluster       string
	TaskARN       string
	Family        string
	Revision      string
	DesiredStatus string
	KnownStatus   string
	Limits        metadataLimits
	LaunchType    string
	Containers    []containerMetadata
}

// metadataLimits bounds a task, in vCPUs and MiB, or a container, in CPU units and MiB.
type metadataLimits struct {
	CPU    float64
	Memory int64 `json:",omitempty"`
}

type containerMetadata struct {
	DockerID      string `json:"DockerId"`
	Name          string
	Image         string `json:",omitempty"`
	ImageID       string `json:",omitempty"`
	Labels        map[string]string
	DesiredStatus string
	KnownStatus   string
	ExitCode      *int32 `json:",omitempty"`
	Limits        metadataLimits
	CreatedAt     string `json:",omitempty"`
	StartedAt     string `json:",omitempty"`
	FinishedAt    string `json:",omitempty"`
	Type          string
	LogDriver     string
	LogOptions    map[string]string
	ContainerARN  string
	Networks      []metadataNetwork
}

type metadataNetwork struct {
	NetworkMode   string
	IPv4Addresses []string
}

// Statuses of a task.
const (
	taskRunning = "RUNNING"
	taskStopped = "STOPPED"
)

// task describes an attempt; nil if there is none of that id.
func (m *Metadata) task(ctx context.Context, a batch.AttemptID) (*taskMetadata, error) {
	jobs, err := m.server.Store.Jobs(ctx, []batch.JobID{a.Job})
	if err != nil || len(jobs) == 0 || a.Number > jobs[0].Attempt {
		return nil, err
	}
	j := jobs[0]
	specs, err := m.server.Store.Specs(ctx, []batch.JobID{a.Job.Root()})
	if err != nil {
		return nil, err
	}
	ended, err := m.server.Store.Attempts(ctx, []batch.JobID{a.Job})
	if err != nil {
		return nil, err
	}
	run := batch.Attempt{ID: a}
	c := containerMetadata{DesiredStatus: taskRunning, KnownStatus: taskRunning} // it asks, so it runs
	if j.Run != nil && j.Attempt == a.Number {
		run.Environment, run.Host, run.StartedAt = j.Run.Environment, j.Run.Host, j.Run.StartedAt
		c.CreatedAt = metadataTime(j.Run.OrderedAt)
	} else {
		i := slices.IndexFunc(ended[a.Job], func(e batch.Attempt) bool { return e.ID == a })
		if i < 0 {
			return nil, nil
		}
		run = ended[a.Job][i]
		c.DesiredStatus, c.KnownStatus, c.ExitCode = taskStopped, taskStopped, run.ExitCode
	}
	documents, err := m.server.documentsOf(ctx, m.server.Store, jobs)
	if err != nil {
		return nil, err
	}
	m.fill(&c, &j, &run, runs(specs[a.Job.Root()], a.Job))
	document := documents[j.Definition]
	c.LogOptions = map[string]string{
		wire.OptionLogGroup: document.logName(a.Job).group, "awslogs-region": m.server.Place.Region, "awslogs-stream": document.logStream(a),
	}
	return m.taskOf(&c, &j, &run), nil
}

// runs is what a job of a submission runs.
func runs(spec batch.Spec, id batch.JobID) batch.Container {
	_, index, isNode := id.SplitNode()
	if !isNode {
		return spec.Container
	}
	for _, n := range spec.Nodes {
		if index >= n.From && index <= n.To {
			return n.Container
		}
	}
	return batch.Container{}
}

// fill says what is known of the container of an attempt.
func (m *Metadata) fill(c *containerMetadata, j *batch.Job, run *batch.Attempt, container batch.Container) {
	s, id := m.server, taskID(run.ID)
	c.DockerID, c.Name, c.Type = id, containerName, "NORMAL"
	c.Image, c.ImageID = container.Image, run.ImageDigest
	c.Labels = map[string]string{
		"com.amazonaws.ecs.cluster":                 s.clusterARN(run.Environment),
		"com.amazonaws.ecs.container-name":          containerName,
		"com.amazonaws.ecs.task-arn":                s.taskARN(run.Environment, run.ID),
		"com.amazonaws.ecs.task-definition-family":  j.Definition.Name,
		"com.amazonaws.ecs.task-definition-version": strconv.Itoa(int(j.Definition.Revision)),
	}
	c.Limits = metadataLimits{CPU: float64(container.Shape.MilliCPU) * cpuUnits / 1000, Memory: container.Shape.MemoryMiB}
	c.StartedAt, c.FinishedAt = metadataTime(run.StartedAt), metadataTime(run.StoppedAt)
	c.LogDriver = wire.DriverAwslogs
	c.ContainerARN = s.ecsARN("container", run.Environment+"_Batch/"+id+"/"+containerName)
	c.Networks = []metadataNetwork{{NetworkMode: "host", IPv4Addresses: []string{"127.0.0.1"}}}
}

func (m *Metadata) taskOf(c *containerMetadata, j *batch.Job, run *batch.Attempt) *taskMetadata {
	return &taskMetadata{
		Cluster: m.server.clusterARN(run.Environment), TaskARN: m.server.taskARN(run.Environment, run.ID),
		Family: j.Definition.Name, Revision: strconv.Itoa(int(j.Definition.Revision)),
		DesiredStatus: c.DesiredStatus, KnownStatus: c.KnownStatus, LaunchType: "EC2",
		Limits:     metadataLimits{CPU: c.Limits.CPU / cpuUnits, Memory: c.Limits.Memory},
		Containers: []containerMetadata{*c},
	}
}

// metadataTime renders a time; "" if it is not known.
func metadataTime(t batch.Time) string {
	if t == 0 {
		return ""
	}
	return t.Std().Format(time.RFC3339Nano)
}
