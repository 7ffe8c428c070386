package awsfake

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"time"
)

// Span is a range of durations, of which one is drawn. The zero Span is no time at all.
type Span struct{ Min, Max time.Duration }

// dice returns the random numbers of one decision. They follow from the seed, from what is decided and from the thing it is
// decided for, and from nothing else: that two clients call in another order changes nobody's luck.
// Example: w.dice("boot", "i-0a1b").
func (w *World) dice(what, thing string) *rand.Rand {
	sum := fnv.New64a()
	_, _ = fmt.Fprint(sum, what, "\x00", thing) // writing to a hash does not fail
	return rand.New(rand.NewPCG(w.options.Seed, sum.Sum64()))
}

// draw returns a duration of the span.
func (w *World) draw(span Span, what, thing string) time.Duration {
	if span.Max <= span.Min {
		return span.Min
	}
	return span.Min + time.Duration(w.dice(what, thing).Int64N(int64(span.Max-span.Min)))
}

// chance reports whether something with that probability happens.
func (w *World) chance(probability float64, what, thing string) bool {
	return probability > 0 && w.dice(what, thing).Float64() < probability
}

// id returns a new id of EC2's form, for example i-0f3c9a8b7d6e5f401: the prefix, a dash and 17 hexadecimal digits.
func (w *World) id(prefix string) string {
	return prefix + "-" + w.hex("id "+prefix, idDigits)
}

// uuid returns a new id in the form of a UUID.
func (w *World) uuid(kind string) string {
	h := w.hex("uuid "+kind, 32)
	return fmt.Sprintf("%s-%s-4%s-a%s-%s", h[:8], h[8:12], h[13:16], h[17:20], h[20:])
}

// hex returns hexadecimal digits that follow from the seed, the kind and how many of that kind were asked for.
func (w *World) hex(kind string, digits int) string {
	w.made[kind]++
	source := w.dice(kind, fmt.Sprint(w.made[kind]))
	var text string
	for len(text) < digits {
		text += fmt.Sprintf("%x", binary.BigEndian.AppendUint64(nil, source.Uint64()))
	}
	return text[:digits]
}
