package admission

import (
	"context"
	"sync"
)

// stays are the requests that last, so that those of a key end when it is revoked.
type stays struct {
	mu  sync.Mutex
	all map[*stay]struct{}
}

type stay struct {
	accessKeyID string
	end         context.CancelFunc
}

// begin returns the context of a request that lasts. leave is to be called when it has ended.
func (s *stays) begin(ctx context.Context, accessKeyID string) (lasting context.Context, leave func()) {
	lasting, end := context.WithCancel(ctx)
	one := &stay{accessKeyID, end}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		s.all = map[*stay]struct{}{}
	}
	s.all[one] = struct{}{}
	return lasting, func() {
		end()
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.all, one)
	}
}

// end ends the requests of a key.
func (s *stays) end(accessKeyID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for one := range s.all {
		if one.accessKeyID == accessKeyID {
			one.end()
		}
	}
}
