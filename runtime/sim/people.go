package sim

import (
	"errors"
	"fmt"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/place"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// proceed has a user do the next step when its time has come; when all are done, the world becomes calm.
func (w *world) proceed(u *user) {
	if u == w.users[0] && w.calmAt == 0 && w.setUp(u) {
		for _, other := range w.users[1:] {
			if other.next == 0 && other.call == nil {
				w.proceed(other)
			}
		}
	}
	if u.next >= len(u.script) {
		w.becomeCalm()
		return
	}
	s := &u.script[u.next]
	u.next++
	u.call = &call{user: u, step: s}
	w.at(s.at+w.readyAt, func() { w.send(u.call) })
}

// setUp reports whether the administrator has just done the last step of setting up.
func (w *world) setUp(u *user) bool {
	ready := u.next >= len(u.script) || !u.script[u.next].setup
	if ready && w.readyAt == 0 {
		w.readyAt = max(w.now, 1)
		return true
	}
	return false
}

// send tries a call, under a new id each time.
func (w *world) send(c *call) {
	c.id = batch.JobID(c.step.label)
	if c.tries > 0 {
		c.id += batch.JobID(fmt.Sprintf("~%d", c.tries))
	}
	c.tries++
	if c.command, c.reply, c.err = nil, nil, nil; c.step.command != nil {
		c.command = c.step.command(c.user, c.id)
	}
	if c.tries == 1 {
		w.story.say(w, "%s", c.step.text)
	}
	if c.asked = w.engine.ask(c); !c.asked {
		w.again(c)
	}
}

// again has a call tried again after a while.
func (w *world) again(c *call) {
	c.asked = false
	w.after(w.dice.span(20*millisecond, 600*millisecond, "again", fmt.Sprint(c.step.label, c.tries)), func() { w.send(c) })
}

// hangUp is when the process dies: whoever waits for an answer tries again.
func (w *world) hangUp() {
	for _, u := range w.users {
		if c := u.call; c != nil && c.asked {
			w.again(c)
		}
	}
}

// answered is when a user hears what became of a call.
func (w *world) answered(c *call) {
	var refusal *batch.Error
	switch {
	case errors.As(c.err, &refusal) && refusal.Kind == batch.Unavailable:
		w.again(c)
		return
	case refusal != nil && w.provisioner().comesLater(refusal):
		w.again(c)
		return
	case c.err != nil && refusal == nil:
		w.broken("refusal", "%s: %v is not a refusal that a client may see", c.step.text, c.err)
		return
	}
	if reply, ok := c.reply.(sched.SubmitReply); ok && c.err == nil {
		w.laws.acknowledged(c, reply)
		c.user.ids[c.step.asks] = reply.ID
	}
	c.user.call = nil
	w.proceed(c.user)
}

// becomeCalm ends all faults when every user is done, and makes room for what waits.
func (w *world) becomeCalm() {
	if w.calmAt != 0 || !w.allDone() {
		return
	}
	w.calmAt = max(w.now, 1)
	w.faults.over = true
	w.story.say(w, "the world becomes calm")
	u := &user{ids: map[string]batch.JobID{}, script: w.relief()}
	w.users = append(w.users, u)
	w.proceed(u)
}

// relief enables every environment and makes it large, keeps nothing free for others, gives plenty of what is
// consumed, and ends what no host can hold.
func (w *world) relief() []step {
	const milliCPU = 16_000 // of each environment, and of the largest host
	var script []step
	add := func(what, text string, command sched.Command) {
		script = append(script, step{label: "relief " + what, text: text, command: func(*user, batch.JobID) sched.Command { return command }})
	}
	rows := w.store.Snapshot()
	for _, e := range rows.Environments {
		script = append(script, updateEnvironment("relief "+e.Name, "enable and enlarge "+e.Name, e.Name, func(e *batch.Environment) {
			e.State, e.Max = batch.Enabled, batch.Shape{MilliCPU: milliCPU}
		}))
	}
	for _, p := range rows.Policies {
		script = append(script, updatePolicy("relief "+p.Name, "keep nothing free by "+p.Name, p.Name, &batch.FairShare{}))
	}
	for _, name := range w.plan.consumables {
		if _, there := w.store.Consumables[name]; !there {
			add("make "+name, "make "+name, sched.CreateConsumable{Consumable: batch.Consumable{Name: name, Replenishable: true}})
		}
		add(name, "give plenty of "+name, sched.UpdateConsumable{Name: name, Operation: sched.AddTotal, Quantity: 100_000, Token: "relief " + name})
	}
	room := w.plan.host.Capacity
	room.MilliCPU = milliCPU
	for _, row := range rows.Jobs {
		if _, _, isPart := row.ID.Part(); !isPart && !place.Total(demandsOf(&row)).Fits(room) {
			add(string(row.ID), "terminate "+string(row.ID), sched.TerminateJob{ID: row.ID, Reason: "no host can hold it"})
		}
	}
	return script
}

// demandsOf is what a submission asks for at once.
func demandsOf(row *batch.Job) []place.Demand {
	if row.Nodes == nil {
		return []place.Demand{{Shape: row.Shape, Count: 1}}
	}
	var demands []place.Demand
	for _, r := range row.Nodes.Ranges {
		demands = append(demands, place.Demand{Shape: r.Shape, Count: int64(r.To - r.From + 1)})
	}
	return demands
}
