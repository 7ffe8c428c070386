//go:build linux || darwin

package local

import (
	"testing"
	"time"
)

// A connection that broke is made again at once, unless those before it did not last either: two runtimes over one state directory
// would take the holder from each other without a pause.
func TestPauseAfterBriefConnections(t *testing.T) {
	l := &link{}
	for i, c := range []struct{ lasted, want time.Duration }{
		{time.Hour, 0},
		{time.Millisecond, firstPause},
		{time.Millisecond, 2 * firstPause},
		{lastPause, 4 * firstPause},
		{2 * lastPause, 0},
		{0, firstPause},
	} {
		if got := l.nextPause(c.lasted); got != c.want {
			t.Errorf("break %d, of a connection that lasted %s: pause %s, want %s", i, c.lasted, got, c.want)
		}
	}
	for range 20 {
		l.nextPause(0)
	}
	if got := l.nextPause(0); got != lastPause {
		t.Errorf("the longest pause is %s, want %s", got, lastPause)
	}
}
