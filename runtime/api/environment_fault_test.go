package api_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/batch"
	"github.com/aws/aws-sdk-go-v2/service/batch/types"
)

// An environment whose host starts nothing stays VALID, and says why while that lasts.
func TestEnvironmentSaysTheFaultOfItsHost(t *testing.T) {
	a := newAmazon(t)
	const healthy = "ComputeEnvironment Healthy"
	a.awaitReason("here", healthy)
	a.driver.SetUnfit("no descriptor is free")
	a.awaitReason("here", "HOST_FAULT - Host local cannot start processes: no descriptor is free; host local cannot start containers: no descriptor is free.")
	a.driver.SetUnfit("")
	a.awaitReason("here", healthy)
}

// awaitReason waits until a valid environment has a statusReason.
func (a *amazon) awaitReason(environment, reason string) {
	a.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for said := ""; ; {
		out, err := a.DescribeComputeEnvironments(a.Context(), &sdk.DescribeComputeEnvironmentsInput{ComputeEnvironments: []string{environment}})
		a.must(err)
		e := out.ComputeEnvironments[0]
		if e.Status != types.CEStatusValid {
			a.Errorf("status %s", e.Status)
		}
		if said = aws.ToString(e.StatusReason); said == reason {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			a.Fatalf("the environment says %q, want %q", said, reason)
		}
	}
}
