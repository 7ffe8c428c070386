package awsfake

import (
	"reflect"
	"time"
)

// rate is a token bucket: it holds up to burst tokens, and gets perSecond of them each second.
type rate struct {
	name             string
	burst, perSecond float64
	// each says that every operation that draws on it has a bucket of its own.
	each bool
	// cost is how many tokens a call with that input takes; nil means one.
	cost func(in any) float64
}

// charger chooses the bucket that a call draws on.
type charger interface {
	charge(o *operation, in any) rate
}

func (r rate) charge(*operation, any) rate { return r }

// chosen is a charger that depends on the call.
type chosen func(in any) rate

func (f chosen) charge(_ *operation, in any) rate { return f(in) }

// bucket is a bucket as it was at a time.
type bucket struct {
	tokens float64
	at     time.Time
}

// throttles reports whether a call comes too early. If it does not, it has drawn its tokens.
func (w *World) throttles(o *operation, in any, now time.Time) bool {
	if w.options.Unthrottled {
		return false
	}
	type draw struct {
		from *bucket
		cost float64
	}
	var draws []draw
	for _, charger := range o.charges {
		r := charger.charge(o, in)
		from, cost := w.bucket(o, r, now), 1.0
		if r.cost != nil {
			cost = r.cost(in)
		}
		if from.tokens < cost {
			return true
		}
		draws = append(draws, draw{from, cost})
	}
	for _, d := range draws {
		d.from.tokens -= d.cost
	}
	return false
}

// bucket returns a bucket, filled up to now.
func (w *World) bucket(o *operation, r rate, now time.Time) *bucket {
	name := o.service.name + " " + r.name
	if r.each {
		name += " " + o.name
	}
	b := w.buckets[name]
	if b == nil {
		b = &bucket{tokens: r.burst, at: now}
		w.buckets[name] = b
	}
	b.tokens = min(r.burst, b.tokens+r.perSecond*now.Sub(b.at).Seconds())
	b.at = now
	return b
}

// length returns the cost of a call that takes one token for each element of a list in its input.
func length(field string) func(in any) float64 {
	return func(in any) float64 {
		return float64(reflect.ValueOf(in).Elem().FieldByName(field).Len())
	}
}
