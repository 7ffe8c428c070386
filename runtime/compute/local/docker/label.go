package docker

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
)

// The labels of a container: all that must be known of its attempt after batchd ended.
const (
	labelInstallation = "batchd.installation"
	labelAttempt      = "batchd.attempt"
	labelJob          = "batchd.job"
	labelLane         = "batchd.lane"
	labelDefinition   = "batchd.definition"
	labelBaseKey      = "batchd.base-key"
	labelStopGrace    = "batchd.stop-grace"
	labelLog          = "batchd.log" // where the log of the attempt begins
	labelImageDigest  = "batchd.image-digest"
	labelResult       = "batchd.result" // the path of $BATCH_RESULT_FILE in the container
)

// identity is what the labels of a container say.
type identity struct {
	attempt     batch.AttemptID
	lane        string
	definition  string
	baseKey     string
	stopGrace   time.Duration
	log         batch.LogPosition
	imageDigest string
	result      string
}

// identityOf returns what is known when the order comes; log, imageDigest and result come with the container.
func identityOf(s compute.Start) identity {
	return identity{
		attempt: s.Attempt, lane: s.Lane, definition: s.DefinitionName, baseKey: s.BaseKey, stopGrace: s.StopGrace,
	}
}

func (id identity) labels(installation string) map[string]string {
	return map[string]string{
		labelInstallation: installation,
		labelAttempt:      id.attempt.String(),
		labelJob:          string(id.attempt.Job),
		labelLane:         id.lane,
		labelDefinition:   id.definition,
		labelBaseKey:      id.baseKey,
		labelStopGrace:    id.stopGrace.String(),
		labelLog:          fmt.Sprintf("%d:%d", id.log.Segment, id.log.Offset),
		labelImageDigest:  id.imageDigest,
		labelResult:       id.result,
	}
}

// parseIdentity is the inverse of labels.
func parseIdentity(labels map[string]string) (identity, error) {
	attempt, err := batch.ParseAttemptID(labels[labelAttempt])
	if err != nil {
		return identity{}, fmt.Errorf("label %s: %w", labelAttempt, err)
	}
	grace, err := time.ParseDuration(labels[labelStopGrace])
	if err != nil {
		return identity{}, fmt.Errorf("label %s: %w", labelStopGrace, err)
	}
	segment, offset, _ := strings.Cut(labels[labelLog], ":")
	log := batch.LogPosition{}
	if log.Segment, err = strconv.ParseInt(segment, 10, 64); err == nil {
		log.Offset, err = strconv.ParseInt(offset, 10, 64)
	}
	if err != nil {
		return identity{}, fmt.Errorf("label %s: %w", labelLog, err)
	}
	return identity{
		attempt: attempt, lane: labels[labelLane], definition: labels[labelDefinition],
		baseKey: labels[labelBaseKey], stopGrace: grace, log: log, imageDigest: labels[labelImageDigest],
		result: labels[labelResult],
	}, nil
}

// containerName names the container of an attempt. It is the same whenever it is asked, so that the daemon
// refuses to create an attempt's container twice; the hash keeps installations apart.
func containerName(installation string, attempt batch.AttemptID) string {
	job := string(attempt.Job.Root())
	sum := sha256.Sum256([]byte(installation + "\n" + attempt.String()))
	name := "batchd-" + job[:min(len(job), nameJobBytes)]
	if _, index, ok := attempt.Job.Part(); ok {
		name += "-" + strconv.Itoa(int(index))
	}
	return name + "-" + strconv.Itoa(int(attempt.Number)) + "-" + hex.EncodeToString(sum[:4])
}
