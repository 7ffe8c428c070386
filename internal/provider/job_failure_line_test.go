package provider

import (
	"strings"
	"testing"
)

func TestALongLineOfALogIsCut(t *testing.T) {
	for line, want := range map[string]string{
		"": "", strings.Repeat("x", shownLineBytes): strings.Repeat("x", shownLineBytes),
		strings.Repeat("x", 256<<10):                    strings.Repeat("x", shownLineBytes) + "… (262144 bytes)",
		strings.Repeat("x", shownLineBytes-1) + "é end": strings.Repeat("x", shownLineBytes-1) + "… (1005 bytes)",
	} {
		if got := shownLine(line); got != want {
			t.Errorf("a line of %d bytes is shown as %.20s…%s", len(line), got, got[max(0, len(got)-20):])
		}
	}
}
