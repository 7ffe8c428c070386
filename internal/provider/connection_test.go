package provider

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/batchd/terraform-provider-batch/internal/bundled"
)

func TestConnectionIsMadeOnceByTheFirst(t *testing.T) {
	var opened atomic.Int32
	c := newConnection(func(context.Context) (*bundled.Session, error) {
		opened.Add(1)
		return &bundled.Session{}, nil
	})
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			if _, err := c.get(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if opened.Load() != 1 {
		t.Errorf("opened %d times", opened.Load())
	}
}

func TestFailureToConnectIsNotKept(t *testing.T) {
	fail := errors.New("no runtime")
	c := newConnection(func(context.Context) (*bundled.Session, error) { return &bundled.Session{}, fail })
	if _, err := c.get(t.Context()); !errors.Is(err, fail) {
		t.Error(err)
	}
	fail = nil
	if _, err := c.get(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestWaitingForAConnectionEndsWithTheContext(t *testing.T) {
	begun, hang := make(chan struct{}), make(chan struct{})
	c := newConnection(func(context.Context) (*bundled.Session, error) {
		close(begun)
		<-hang
		return &bundled.Session{}, nil
	})
	first := make(chan error)
	go func() { _, err := c.get(t.Context()); first <- err }()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	<-begun
	if _, err := c.get(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	close(hang)
	if err := <-first; err != nil {
		t.Error(err)
	}
}

func TestUntilLooksLessOftenTheLongerItWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, looks := time.Now(), 0
		err := until(t.Context(), func(context.Context) (bool, error) {
			looks++
			return time.Since(began) > time.Hour, nil
		})
		if err != nil || looks > int(time.Hour/maxPollInterval)+100 || time.Since(began) > time.Hour+maxPollInterval {
			t.Errorf("%d looks in %s: %v", looks, time.Since(began), err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := until(ctx, func(context.Context) (bool, error) { return false, nil }); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
}
