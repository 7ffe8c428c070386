package fifo

import (
	"slices"
	"sync"
	"testing"
)

func TestTakeReturnsWhatWasPutInOrder(t *testing.T) {
	q := New[int]()
	q.Put(1, 2)
	q.Put(3)
	<-q.Bell()
	if got := q.Take(); !slices.Equal(got, []int{1, 2, 3}) {
		t.Errorf("took %v, want 1, 2, 3", got)
	}
	if got := q.Take(); got != nil {
		t.Errorf("took %v from an empty queue", got)
	}
	select {
	case <-q.Bell():
		t.Error("the bell rang twice")
	default:
	}
}

func TestPuttingNothingRings(t *testing.T) {
	q := New[int]()
	q.Put()
	<-q.Bell()
	if got := q.Take(); len(got) != 0 {
		t.Errorf("took %v", got)
	}
}

func TestForwardLosesNothing(t *testing.T) {
	const putters, each = 8, 500
	q, out, done := New[int](), make(chan []int), make(chan struct{})
	var forwarding, putting sync.WaitGroup
	forwarding.Go(func() { q.Forward(done, out) })
	for p := range putters {
		putting.Go(func() {
			for i := range each {
				q.Put(p*each + i)
			}
		})
	}
	last := make([]int, putters)
	for n := 0; n < putters*each; {
		items := <-out
		if len(items) == 0 {
			t.Fatal("nothing was forwarded as something")
		}
		for _, item := range items {
			if p, i := item/each, item%each+1; i != last[p]+1 {
				t.Fatalf("item %d of putter %d comes after its item %d", i, p, last[p])
			} else {
				last[p] = i
			}
		}
		n += len(items)
	}
	putting.Wait()
	close(done)
	forwarding.Wait()
}
