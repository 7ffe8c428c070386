package aws

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute/aws/governor"
)

// failure is what an error of AWS means.
type failure struct {
	cause  batch.RefusalCause
	reason string // for people
	// again is when it is of use to try again.
	again time.Duration
	// passes is set if the same call may succeed soon without anybody doing anything.
	passes bool
}

// failureOf says what an error means.
func failureOf(err error) failure {
	var api smithy.APIError
	var unsent *smithyhttp.RequestSendError
	switch {
	case errors.As(err, &api):
	case errors.As(err, &unsent):
		return failure{batch.NoCapacity, "AWS cannot be reached: " + unsent.Err.Error(), provisionAgain, true}
	default:
		return failure{batch.NoCapacity, err.Error(), provisionAgain, true}
	}
	f := failureOfCode(api.ErrorCode(), api.ErrorMessage())
	f.passes = f.passes || governor.IsThrottle(err) || api.ErrorFault() == smithy.FaultServer && f.cause != batch.NoCapacity
	return f
}

// failureOfCode says what a code means, from an error or from the list of errors in the answer of CreateFleet.
func failureOfCode(code, message string) failure {
	known, ok := meanings[code]
	if !ok {
		return failure{batch.NoCapacity, fmt.Sprintf("%s: %s", code, plain(message)), provisionAgain, false}
	}
	reason := known.words
	if message = plain(message); message != "" {
		reason += " (" + code + ": " + message + ")"
	} else {
		reason += " (" + code + ")"
	}
	return failure{known.cause, reason, known.again, known.passes}
}

// plain returns the message of an error without the encoded part that EC2 appends for people with other permissions.
func plain(message string) string {
	message, _, _ = strings.Cut(message, "Encoded authorization failure message")
	return strings.TrimSpace(message)
}

// isCode reports whether err is an error of AWS with one of these codes.
func isCode(err error, codes ...string) bool {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return false
	}
	for _, code := range codes {
		if api.ErrorCode() == code {
			return true
		}
	}
	return false
}

// whileDoing says what was being done when err happened, in words for people: it becomes the reason of an environment.
func whileDoing(what string, err error) error {
	var told *toldError
	if errors.As(err, &told) {
		return err
	}
	return &toldError{what, err}
}

// toldError is an error whose text is for people.
type toldError struct {
	what  string
	cause error
}

func (e *toldError) Error() string { return e.what + ": " + failureOf(e.cause).reason }

func (e *toldError) Unwrap() error { return e.cause }
