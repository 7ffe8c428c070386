package logtest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/joblog"
)

// pageEvents is how many events a page of the service has.
const pageEvents = 3

// service keeps streams of events in the order of their times. A token of it stands for a place in a stream: the set of events that lie
// before it. Events that become visible later lie behind every token there is, whatever their time.
type service struct {
	mu      sync.Mutex
	streams map[string][]event
	places  map[string]place // by token
	asked   int
}

// event is one line of a stream; its number is its index there.
type event struct {
	at      batch.Time
	text    string
	visible bool
}

// place is the numbers of the events before it.
type place map[int]bool

// request is what get is asked.
type request struct {
	stream   string
	token    string // empty: the beginning, or, backward, the end
	backward bool
	window   joblog.Window
	limit    int
}

// response is a page of events, and the tokens of its two ends.
type response struct {
	events     []event
	start, end string
	last       bool // no event lies behind the page, nor will one appear
}

func (s *service) put(stream string, e event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.streams[stream] = append(s.streams[stream], e)
}

func (s *service) arrive() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, events := range s.streams {
		for i := range events {
			events[i].visible = true
		}
	}
}

// get answers a page. Every other page is empty although there are events, and its tokens are new ones.
func (s *service) get(q request) (response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	events := s.streams[q.stream]
	at, err := s.placeOf(q, events)
	if err != nil {
		return response{}, err
	}
	var found []int
	behind := 0
	for i, e := range events {
		if !at[i] {
			behind++
		}
		if e.visible && at[i] == q.backward && q.window.Holds(e.at) {
			found = append(found, i)
		}
	}
	if len(found) == 0 {
		token := cmp.Or(q.token, s.token(at))
		return response{start: token, end: token, last: behind == 0}, nil
	}
	if s.asked++; s.asked%2 == 0 {
		return response{start: s.token(at), end: s.token(at)}, nil
	}
	slices.SortStableFunc(found, func(a, b int) int { return cmp.Compare(events[a].at, events[b].at) })
	n := min(len(found), pageEvents, q.limit)
	start, end := maps.Clone(at), maps.Clone(at)
	if q.backward {
		found = found[len(found)-n:]
	} else {
		found, behind = found[:n], behind-n
	}
	answer := response{last: behind == 0}
	for _, i := range found {
		delete(start, i)
		end[i] = true
		answer.events = append(answer.events, events[i])
	}
	answer.start, answer.end = s.token(start), s.token(end)
	return answer, nil
}

// placeOf is the place that a request begins at.
func (s *service) placeOf(q request, events []event) (place, error) {
	at := place{}
	if q.token != "" {
		known, ok := s.places[q.token]
		if !ok {
			return nil, joblog.ErrPosition
		}
		return known, nil
	}
	for i, e := range events {
		if q.backward && e.visible {
			at[i] = true
		}
	}
	return at, nil
}

// token makes a new token of a place.
func (s *service) token(at place) string {
	token := fmt.Sprintf("token-%d", len(s.places)+1)
	s.places[token] = at
	return token
}
