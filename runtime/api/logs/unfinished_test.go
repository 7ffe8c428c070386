package logs

import "testing"

func TestAnUnfinishedCharacterIsLeftOut(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "a": "a", "é": "é", "caf\xc3": "caf", "\xe2\x82": "", "€\xe2\x82": "€", "\xff": "\xff", "a\xa9": "a\xa9", "\xf0\x9f\x98": "", "😀": "😀",
		"\xa9\xa9\xa9\xa9\xa9": "\xa9\xa9\xa9\xa9\xa9",
	} {
		if got := wholeCharacters(text); got != want {
			t.Errorf("%q is cut to %q, want %q", text, got, want)
		}
	}
}
