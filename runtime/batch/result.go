package batch

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// CheckResult says why text, which an attempt left at $BATCH_RESULT_FILE, cannot be its result; it is empty if it can.
// A result is one JSON value (RFC 8259) in UTF-8 of at most [MaxResultBytes] that every usual decoder reads: at most
// [MaxResultDepth] arrays and objects inside each other, numbers within float64, and no escape of half a surrogate pair.
func CheckResult(text []byte) (problem string) {
	switch {
	case len(text) > MaxResultBytes:
		return ResultTooLarge(int64(len(text)))
	case !utf8.Valid(text):
		return "it is not UTF-8"
	}
	// encoding/json gives up at a depth of its own, so the depth comes before the grammar.
	if depth := jsonDepth(text); depth > MaxResultDepth {
		return fmt.Sprintf("arrays and objects are nested more than %d deep", MaxResultDepth)
	}
	if !json.Valid(text) {
		return "it is not valid JSON (NaN and Infinity are not JSON, and there must be one value alone)"
	}
	return checkScalars(text)
}

// ResultTooLarge says that a result of size bytes is not taken.
func ResultTooLarge(size int64) (problem string) {
	return fmt.Sprintf("it has %d bytes; at most %d are allowed", size, MaxResultBytes)
}

// jsonDepth returns how deep brackets are nested outside of strings. It is right for JSON and terminates for anything.
func jsonDepth(text []byte) (deepest int) {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			i = stringEnd(text, i)
		case '[', '{':
			depth++
			deepest = max(deepest, depth)
		case ']', '}':
			depth--
		}
	}
	return deepest
}

// stringEnd returns the index of the quote that ends the string which begins at i, or the last index if none does.
func stringEnd(text []byte, i int) int {
	for i++; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return len(text) - 1
}

// checkScalars looks at the strings and numbers of valid JSON.
func checkScalars(text []byte) (problem string) {
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			end := stringEnd(text, i)
			if hasLoneSurrogate(text[i:end]) {
				return `a string has half of a surrogate pair (\ud800 to \udfff) without the other half`
			}
			i = end
		case c == '-' || c >= '0' && c <= '9':
			end := numberEnd(text, i)
			if _, err := strconv.ParseFloat(string(text[i:end]), 64); err != nil {
				return fmt.Sprintf("the number %s is beyond the range of a float64", shortNumber(text[i:end]))
			}
			i = end - 1
		}
	}
	return ""
}

func numberEnd(text []byte, i int) int {
	for i < len(text) {
		switch c := text[i]; {
		case c >= '0' && c <= '9', c == '-', c == '+', c == '.', c == 'e', c == 'E':
			i++
		default:
			return i
		}
	}
	return i
}

// maxShownNumber is how many characters of a number an error repeats.
const maxShownNumber = 20

func shortNumber(number []byte) string {
	if len(number) > maxShownNumber {
		return string(number[:maxShownNumber]) + "…"
	}
	return string(number)
}

// hasLoneSurrogate reports whether a valid JSON string escapes a surrogate that is not half of a pair.
func hasLoneSurrogate(text []byte) bool {
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		unit := escapedUnit(text[i:])
		switch {
		case unit >= 0xD800 && unit < 0xDC00:
			low := escapedUnit(text[i+6:])
			if low < 0xDC00 || low > 0xDFFF {
				return true
			}
			i += 11
		case unit >= 0xDC00 && unit <= 0xDFFF:
			return true
		default:
			i++ // the character that is escaped, which may be a backslash
		}
	}
	return false
}

// escapedUnit returns the UTF-16 code unit that text begins with as \uXXXX; -1 if it begins with anything else.
func escapedUnit(text []byte) int {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return -1
	}
	unit, err := strconv.ParseUint(string(text[2:6]), 16, 16)
	if err != nil {
		return -1
	}
	return int(unit)
}

// TakeResult makes text, which may be nil, the result of x, or says why it is not.
func (x *Exit) TakeResult(text []byte) {
	x.Result = nil
	if text == nil {
		return
	}
	if problem := CheckResult(text); problem != "" {
		x.ResultError = problem
		return
	}
	x.Result = text
}

// oldResultError begins a container reason from before there was a [Exit.ResultError].
const oldResultError = "the result was not taken: "

// SplitReason takes out of a container reason, which a holder or a row of before may have, why the result was not taken.
func SplitReason(reason string) (rest, resultError string) {
	if problem, old := strings.CutPrefix(reason, oldResultError); old {
		return "", problem
	}
	return reason, ""
}
