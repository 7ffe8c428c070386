package awsfake

import "time"

// wait lets the world go on for a while: until news is closed, d has passed or the client goes away; then it returns false. The call must look
// again at what it knew of the world.
func (c *call) wait(d time.Duration, news <-chan struct{}) bool {
	c.world.mu.Unlock()
	defer func() {
		c.world.mu.Lock()
		c.world.happen()
	}()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-c.done:
		return false
	case <-timer.C:
	case <-news:
	}
	return true
}

// ask makes a call from within the world, as the software on an instance does. It meets faults and lags, but it draws on no bucket, is not
// metered, and is not bound by the policy of the user. The world is locked.
func (w *World) ask(service, operation string, in any) (any, error) {
	op := w.services[service].operations[operation]
	c := w.newCall(op, in)
	c.within = true
	f := w.strike(c)
	c.now = time.Now()
	c.At, c.seen = c.now, c.now.Add(-w.lag(c, f))
	if f.is(LostBefore) {
		return nil, errLost
	}
	if failure := f.failure(op.service); failure != nil {
		return nil, failure
	}
	out, err := op.do(c, in)
	if f.is(LostAfter) {
		return nil, errLost
	}
	return out, err
}
