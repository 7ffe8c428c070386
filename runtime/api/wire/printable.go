package wire

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// Steers reports whether a character does something to the text around it when it is shown: it controls the terminal, begins
// another line, or changes the direction in which what follows is written (Unicode's Bidi_Control).
func Steers(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
}

// Printable writes the characters of a text that steer as Go does, \n or \u202e: what others wrote (reasons, commands,
// parameters) stays on its line and in its column, and shows what it holds.
func Printable(text string) string {
	return escaped(text, func(r rune) (string, bool) {
		quoted := strconv.QuoteRune(r)
		return quoted[1 : len(quoted)-1], Steers(r)
	})
}

// PrintableLines is Printable for a text of lines, which may have tabs.
func PrintableLines(text string) string {
	return escaped(text, func(r rune) (string, bool) {
		return Printable(string(r)), Steers(r) && r != '\n' && r != '\t'
	})
}

// PrintableJSON writes those characters of a JSON document as JSON does. The document stays the same.
func PrintableJSON(document string) string {
	return escaped(document, func(r rune) (string, bool) {
		return fmt.Sprintf(`\u%04x`, r), Steers(r) && r != '\n' // all other control characters below space are escaped in JSON
	})
}

func escaped(text string, escape func(rune) (string, bool)) string {
	if !strings.ContainsFunc(text, Steers) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if short, ok := escape(r); ok {
			b.WriteString(short)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}
