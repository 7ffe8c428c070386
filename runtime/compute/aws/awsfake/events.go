package awsfake

import "time"

// Event is an event as EventBridge gets it from a service.
type Event struct {
	At         time.Time
	Source     string // for example aws.ec2
	DetailType string
	Resources  []string
	Detail     any // a value that encoding/json can encode
}

// listen calls hear for each event, with the world locked.
func (w *World) listen(hear func(Event)) { w.listeners = append(w.listeners, hear) }

// publish tells the listeners of an event.
func (w *World) publish(e Event) {
	e.At = time.Now()
	for _, hear := range w.listeners {
		hear(e)
	}
}
