package awsfake

import (
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// logWriter is the log driver awslogs of one container: it writes lines to a stream, somewhat late and in order.
type logWriter struct {
	logs   *logsState
	stream *logStream
	key    string
	lines  int
	last   time.Time // when the last line is written
}

// writer opens the log of a container: the stream prefix/container/task, or on EC2 without a prefix, one with an id. Without the driver awslogs there
// is none. A group is made if the options say so; else it must be there.
func (l *logsState) writer(p *taskContainer) (*logWriter, error) {
	configuration := p.definition.LogConfiguration
	if configuration == nil || configuration.LogDriver != types.LogDriverAwslogs {
		return nil, nil
	}
	options := configuration.Options
	name := options["awslogs-group"]
	g := l.groups[name]
	if g == nil && options["awslogs-create-group"] != "true" {
		return nil, refuse("ResourceNotFoundException", "The specified log group does not exist.")
	}
	if g == nil {
		g = &logGroup{name: name, created: time.Now(), tags: tags{}, streams: map[string]*logStream{}}
		l.groups[name] = g
	}
	stream := options["awslogs-stream-prefix"] + "/" + aws.ToString(p.definition.Name) + "/" + p.task.id
	if options["awslogs-stream-prefix"] == "" {
		stream = l.w.hex("log stream", runtimeIDDigits)
	}
	return &logWriter{logs: l, stream: g.stream(stream), key: stream}, nil
}

// write writes a line that was said at a time. Long lines are cut into events of 16 KiB, as the engine of an instance hands them on.
func (w *logWriter) write(at time.Time, text string) {
	for {
		event := text[:min(len(text), maxLineEvent)]
		w.later(at, event)
		if text = text[len(event):]; text == "" {
			return
		}
	}
}

func (w *logWriter) later(at time.Time, message string) {
	add := func() { w.stream.add(logEvent{at.UnixMilli(), time.Now().UnixMilli(), message}) }
	if w.logs.options.Delay.Max == 0 {
		add()
		return
	}
	w.lines++
	due := time.Now().Add(w.logs.w.draw(w.logs.options.Delay, "log delay", w.key+" "+strconv.Itoa(w.lines)))
	if due.Before(w.last) {
		due = w.last
	}
	w.last = due
	w.logs.w.after(time.Until(due), add)
}
