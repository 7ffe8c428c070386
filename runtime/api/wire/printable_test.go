package wire_test

import (
	"encoding/json"
	"testing"
	"unicode"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

func TestPrintable(t *testing.T) {
	for text, want := range map[string]string{
		"":                         "",
		"Größe 5 µm, 漢字, שלום":     "Größe 5 µm, 漢字, שלום",
		"a\nb\tc\x1b[2J\x7f\u009b": `a\nb\tc\x1b[2J\x7f\u009b`,
		"a\u202eb\u2066c\u2069":    `a\u202eb\u2066c\u2069`,
		"\u200e\u200f\u061c":       `\u200e\u200f\u061c`,
		"a\u2028b\u2029":           `a\u2028b\u2029`,
		"a\ufeffb\u200bc\u00add":   `a\ufeffb\u200bc\u00add`,
		"\u2060\ufff9\U000e0041":   `\u2060\ufff9\U000e0041`,
		"👩\u200d🔬, می\u200cخواهم":  "👩\u200d🔬, می\u200cخواهم", // joiners change the shape of what is beside them
	} {
		if got := wire.Printable(text); got != want {
			t.Errorf("%q is shown as %q, want %q", text, got, want)
		}
	}
	if got := wire.PrintableLines("one\n\ttwo\x1b\u202e\n"); got != "one\n\ttwo\\x1b\\u202e\n" {
		t.Errorf("lines are shown as %q", got)
	}
}

// TestPrintableJSON writes a document with every character that steers, and reads it again.
func TestPrintableJSON(t *testing.T) {
	text := ""
	for r := range unicode.MaxRune {
		if wire.Steers(r) {
			text += string(r)
		}
	}
	for _, r := range []rune{0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069, 0x200e, 0x200f, 0x061c, 0xfeff, 0xe0041} {
		if !wire.Steers(r) {
			t.Errorf("%U does not steer", r)
		}
	}
	document, err := json.MarshalIndent(map[string]string{"text": text}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	shown := wire.PrintableJSON(string(document))
	for _, r := range shown {
		if r != '\n' && wire.Steers(r) {
			t.Errorf("%U is left in %q", r, shown)
		}
	}
	var again map[string]string
	if err := json.Unmarshal([]byte(shown), &again); err != nil || again["text"] != text {
		t.Errorf("the document became %q, %v", again["text"], err)
	}
}
