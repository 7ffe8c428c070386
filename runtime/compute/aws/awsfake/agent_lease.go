package awsfake

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
)

// lease is the dead man's switch that user data of batchd installs (package userdata): a unit which powers the instance off when an SSM
// parameter is not renewed.
type lease struct {
	parameter          string
	limit, tasks       time.Duration
	pollEvery, lookFor time.Duration
	until              time.Time
}

var leaseLine = regexp.MustCompile(`(?m)^(parameter|limit|tasks|poll|look)='?([^'\n]*)'?$`)

// readLease finds the switch in user data; nil if it installs none.
func readLease(userData string, booted time.Time) *lease {
	for _, script := range scripts(userData) {
		if !strings.Contains(script, "batchd-lease") {
			continue
		}
		values := map[string]string{}
		for _, line := range leaseLine.FindAllStringSubmatch(script, -1) {
			values[line[1]] = line[2]
		}
		seconds := func(name string) time.Duration {
			value, _ := strconv.Atoi(values[name])
			return time.Duration(value) * time.Second
		}
		return &lease{values["parameter"], seconds("limit"), seconds("tasks"), seconds("poll"), seconds("look"), booted.Add(seconds("limit"))}
	}
	return nil
}

// watchLease plays the unit, if the instance has it.
func (e *ecsState) watchLease(m *machine) {
	if l := readLease(m.userData, time.Now()); l != nil && l.pollEvery > 0 && l.lookFor > 0 {
		e.pollLease(m, l)
	}
}

// pollLease reads the parameter. What was read last holds while it cannot be read.
func (e *ecsState) pollLease(m *machine, l *lease) {
	if m.gone {
		return
	}
	if until, err := e.renewed(l); err == nil {
		l.until = until
	}
	if time.Now().Before(l.until) {
		e.w.after(l.pollEvery, func() { e.pollLease(m, l) })
		return
	}
	if m.on != nil && m.on.status == statusActive {
		m.on.status = statusDraining
		m.on.changed()
	}
	e.powerOff(m, l)
}

func (e *ecsState) renewed(l *lease) (time.Time, error) {
	out, err := e.w.ask("ssm", "GetParameter", &ssm.GetParameterInput{Name: aws.String(l.parameter)})
	if err != nil {
		return time.Time{}, err
	}
	answer, _ := out.(*ssm.GetParameterOutput) // of another type it has no parameter either
	if answer == nil || answer.Parameter == nil {
		return time.Time{}, refuse("ParameterNotFound", "")
	}
	second, err := strconv.ParseInt(aws.ToString(answer.Parameter.Value), 10, 64)
	return time.Unix(second, 0), err
}

// powerOff waits until no task runs, or for as long as tasks may go on, and powers the instance off.
func (e *ecsState) powerOff(m *machine, l *lease) {
	switch {
	case m.gone:
	case m.on == nil || len(m.on.tasks) == 0 || !time.Now().Before(l.until.Add(l.tasks)):
		e.w.shutDown(m.id)
	default:
		e.w.after(l.lookFor, func() { e.powerOff(m, l) })
	}
}
