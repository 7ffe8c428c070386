package wire

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
)

// Steers reports whether a character does something to the text around it when it is shown, or is not seen: it controls the
// terminal, begins another line, changes the direction in which what follows is written, or is another format character
// (Unicode's category Cf), such as U+FEFF. The joiners U+200C and U+200D do not steer: emoji and several scripts are written
// with them.
func Steers(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && !unicode.Is(unicode.Join_Control, r) || r == '\u2028' || r == '\u2029'
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
		escape := ""
		for _, unit := range utf16.AppendRune(nil, r) {
			escape += fmt.Sprintf(`\u%04x`, unit)
		}
		return escape, Steers(r) && r != '\n' // all other control characters below space are escaped in JSON
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
