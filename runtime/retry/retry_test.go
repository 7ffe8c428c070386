package retry

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"
)

func TestTheWaitDoublesUpToTheLongest(t *testing.T) {
	b := Backoff{First: 50 * time.Millisecond, Longest: 300 * time.Millisecond}
	for failures, want := range map[int]time.Duration{
		-1: 0, 0: 0, 1: 50 * time.Millisecond, 2: 100 * time.Millisecond, 3: 200 * time.Millisecond,
		4: 300 * time.Millisecond, 5: 300 * time.Millisecond, math.MaxInt: 300 * time.Millisecond,
	} {
		if got := b.After(failures); got != want {
			t.Errorf("after %d failures the wait is %v, want %v", failures, got, want)
		}
	}
}

func TestAFirstWaitIsNotLongerThanTheLongest(t *testing.T) {
	if got := (Backoff{First: time.Minute, Longest: time.Second}).After(1); got != time.Second {
		t.Errorf("the wait is %v, want 1s", got)
	}
}

func TestChanceLeavesOutAtMostHalf(t *testing.T) {
	b := Backoff{First: 4, Longest: 1000}
	for failures := range 20 {
		whole := b.After(failures)
		for range 100 {
			if got := b.Jittered(failures); got < whole/2 || got > whole {
				t.Fatalf("after %d failures the wait is %d, want %d to %d", failures, got, whole/2, whole)
			}
		}
	}
	if got := (Backoff{First: 1, Longest: 1}).Jittered(1); got != 1 {
		t.Errorf("a wait that cannot be halved is %d, want 1", got)
	}
}

func TestAPauseEndsWithItsContext(t *testing.T) {
	cause := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	if err := Pause(ctx, time.Hour); !errors.Is(err, cause) {
		t.Errorf("the pause ended with %v, want %v", err, cause)
	}
	if err := Pause(t.Context(), time.Nanosecond); err != nil {
		t.Errorf("the pause ended with %v", err)
	}
}
