package awsfake

import (
	"errors"
	"testing"
	"time"

	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
)

var someTime = time.Date(2000, 1, 2, 3, 4, 5, 0, time.UTC)

// withoutValidation makes a client send what it would refuse to send.
func withoutValidation(stack *middleware.Stack) error {
	_, _ = stack.Initialize.Remove("OperationInputValidation") // operations without required members have none
	return nil
}

// wantCode fails unless err is an answer with that code.
func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	var answer smithy.APIError
	if !errors.As(err, &answer) || answer.ErrorCode() != code {
		t.Fatalf("got error %v, want code %s", err, code)
	}
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
