//go:build linux || darwin

package local

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/compute/local/holder"
)

// TestClosedLinkLetsGo asks a link that was closed for a census, an order and the end of the holder: it does not take the holder from
// the link that has come after it.
func TestClosedLinkLetsGo(t *testing.T) {
	options := testOptions(t, t.TempDir())
	b := bedOver(t, options)
	gate := filepath.Join(t.TempDir(), "gate")
	id := b.sh(`while [ ! -e ` + gate + ` ]; do sleep 0.02; done; exit 6`)
	b.awaitStart(id)
	closed := b.link
	if err := closed.close(); err != nil {
		t.Fatal(err)
	}
	b.link = newLink(options, b.say, b.faults, b.resized)
	if err := b.link.open(t.Context()); err != nil {
		t.Fatal(err)
	}
	connected := b.link.client
	_, err := closed.census(t.Context())
	for what, err := range map[string]error{
		"census": err, "order": closed.do(t.Context(), holder.Request{}), "end": closed.endHolder(t.Context()),
	} {
		if !errors.Is(err, errClosed) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := os.WriteFile(gate, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	b.code(id, 6)
	b.link.mu.Lock()
	defer b.link.mu.Unlock()
	if b.link.client != connected {
		t.Error("the connection to the holder was made again")
	}
}
