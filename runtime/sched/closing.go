package sched

import (
	"cmp"
	"slices"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place/fleet"
	"github.com/batchd/terraform-provider-batch/runtime/sched/outcome"
)

// A host that closes takes no more attempts; see [batch.Closing]. Those that it has go on until the time by which it is expected to be
// gone, and are stopped then. A host that was launched is given back once it is empty.

// hostClosing notes that a host closes. One that is still on its way is given back.
func (m *Machine) hostClosing(at batch.Time, r batch.HostClosing) {
	h := m.fleet.Hosts[r.ID]
	if h == nil || !h.Row.Ready && m.launched(r.ID) == nil {
		return
	}
	if l := h.Row.Launch; l != nil && r.Why == batch.Interrupted && h.Row.Closing == nil {
		if e := m.fleet.Environments[h.Row.Environments[0]]; e != nil {
			m.closePools(e, l.Pools(), batch.PoolRefusal{Why: batch.Reclaimed, Text: "a host was interrupted"})
		}
	}
	switch {
	case h.Row.Ready:
		m.close(h, batch.Closing{Why: r.Why, By: r.By})
	case h.Row.Launch.Stage.Coming():
		m.releaseHost(at, h)
	}
}

// close has h take no more attempts. Of two closings the one that comes first counts.
func (m *Machine) close(h *fleet.Host, c batch.Closing) {
	row := h.Row
	if row.Closing = row.Closing.Earlier(&c); row.Closing == h.Row.Closing {
		return
	}
	m.setHost(row)
	m.saveHost(h)
	m.mayFit() // heads wait for other places, and what would have fitted there never may now
}

// tendClosing gives back the hosts that close and are empty, and stops what runs on those whose time has come.
func (m *Machine) tendClosing(at batch.Time) {
	hosts := make([]*fleet.Host, 0, len(m.closing))
	for h := range m.closing {
		hosts = append(hosts, h)
	}
	slices.SortFunc(hosts, func(a, b *fleet.Host) int { return cmp.Compare(a.Row.ID, b.Row.ID) })
	for _, h := range hosts {
		switch by := h.Row.Closing.By; {
		case h.Live() == 0 && h.Row.Launch != nil:
			m.releaseHost(at, h)
		case by == 0:
		case by <= at:
			m.stopOn(at, h)
		default:
			m.wakeBy(by)
		}
	}
}

// stopOn stops what runs on h. It may be tried again elsewhere, as after the end of its host.
func (m *Machine) stopOn(at batch.Time, h *fleet.Host) {
	var live []*job
	for _, j := range m.attempts {
		if j.on.Host == h && j.row.Run.GoesOn() {
			live = append(live, j)
		}
	}
	sortJobs(live)
	for _, j := range live {
		switch {
		case j.row.Run == nil || !j.row.Run.GoesOn(): // stopped with its gang
		case j.gang != nil:
			m.stopGang(at, j.gang, batch.StopClosing, outcome.HostLost(m.instance(h.Row.ID)))
		default:
			m.stop(at, j, batch.StopClosing, outcome.HostLost(m.instance(h.Row.ID)))
		}
	}
}
