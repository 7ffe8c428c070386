package aws

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/smithy-go"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// TestEveryErrorThatLaunchingMeetsHasWords holds the table to the errors that launching instances is known to meet.
func TestEveryErrorThatLaunchingMeetsHasWords(t *testing.T) {
	for code, want := range map[string]struct {
		cause batch.RefusalCause
		words string
	}{
		"InsufficientInstanceCapacity":                      {batch.NoCapacity, "no instance of this type left in this zone"},
		"MaxSpotInstanceCountExceeded":                      {batch.NoCapacity, "quota of Spot instances"},
		"VcpuLimitExceeded":                                 {batch.NoCapacity, "quota of vCPUs"},
		"UnfulfillableCapacity":                             {batch.NoCapacity, "cannot give so many instances"},
		"Unsupported":                                       {batch.Unsupported, "choose other types or subnets"},
		"InsufficientFreeAddressesInSubnet":                 {batch.NoCapacity, "no free IP address"},
		"MaxFleetCountExceeded":                             {batch.NoCapacity, "quota of fleets"},
		"ReservationCapacityExceeded":                       {batch.NoCapacity, "capacity reservation"},
		"UnauthorizedOperation":                             {batch.NotPermitted, "add the permission"},
		"RequestLimitExceeded":                              {batch.Throttled, "too many calls"},
		"AuthFailure.ServiceLinkedRoleCreationNotPermitted": {batch.NotPermitted, "aws iam create-service-linked-role --aws-service-name spot.amazonaws.com"},
	} {
		f := failureOfCode(code, "as AWS says it")
		if f.cause != want.cause || !strings.Contains(f.reason, want.words) || !strings.Contains(f.reason, code+": as AWS says it") {
			t.Errorf("%s is %q: %s; want %q with %q", code, f.cause, f.reason, want.cause, want.words)
		}
	}
}

func TestEveryRowOfTheTableSaysWhenToTryAgain(t *testing.T) {
	for code, row := range meanings {
		if row.cause == "" || row.again <= 0 || len(row.words) < 20 || strings.HasSuffix(row.words, ".") {
			t.Errorf("%s: %+v lacks something", code, row)
		}
		if row.passes && row.again > soon {
			t.Errorf("%s passes, and is tried again after %v", code, row.again)
		}
	}
}

func TestAnErrorSaysWhatWasBeingDone(t *testing.T) {
	denied := &smithy.GenericAPIError{
		Code:    "UnauthorizedOperation",
		Message: "You are not authorized to perform this operation. Encoded authorization failure message: Zm9vYmFy",
	}
	err := whileDoing("looking for the subnets", fmt.Errorf("operation error EC2: DescribeSubnets: %w", denied))
	err = whileDoing("building", err) // told already
	got := err.Error()
	if !strings.HasPrefix(got, "looking for the subnets: the credentials of the environment may not do this") || strings.Contains(got, "Zm9vYmFy") {
		t.Errorf("the reason is %q", got)
	}
	if !isCode(err, "UnauthorizedOperation") || !errors.Is(err, error(denied)) {
		t.Error("the error of AWS is not found in it")
	}
}

func TestErrorsThatPassAreTold(t *testing.T) {
	for _, c := range []struct {
		err    error
		passes bool
	}{
		{&smithy.GenericAPIError{Code: "RequestLimitExceeded", Fault: smithy.FaultServer}, true},
		{&smithy.GenericAPIError{Code: "InternalError", Fault: smithy.FaultServer}, true},
		{&smithy.GenericAPIError{Code: "SomethingNew", Fault: smithy.FaultClient}, false},
		{&smithy.GenericAPIError{Code: "InsufficientInstanceCapacity", Fault: smithy.FaultServer}, false},
		{errors.New("connection reset"), true},
	} {
		if got := failureOf(c.err).passes; got != c.passes {
			t.Errorf("%v passes: %t, want %t", c.err, got, c.passes)
		}
	}
}
