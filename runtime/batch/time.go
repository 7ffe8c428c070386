package batch

import "time"

// Time is a moment in milliseconds since the Unix epoch, the resolution of the
// AWS Batch wire. Zero means "not yet" or "never".
type Time int64

// At truncates t to milliseconds.
func At(t time.Time) Time { return Time(t.UnixMilli()) }

// Std returns t as a UTC time.Time; the zero Time gives the zero time.Time.
func (t Time) Std() time.Time {
	if t == 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(t)).UTC()
}

// Add returns t moved by d, truncated to milliseconds.
func (t Time) Add(d time.Duration) Time { return t + Time(d.Milliseconds()) }

// Sub returns the duration from u to t.
func (t Time) Sub(u Time) time.Duration { return time.Duration(t-u) * time.Millisecond }
