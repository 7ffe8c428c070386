package provider

import (
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
)

// Terraform wraps an error at 78 columns and draws a box around it. Where a line ends depends on what stands before it,
// for example on whether a job ran for "1s" or for "12s". So a test never compares with what terraform wrote, but with
// [unwrapped] or by [spaced].

// frame is what terraform draws around an error.
const frame = "╷│╵"

// unwrapped returns what terraform wrote as one line, with single spaces.
func unwrapped(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool {
		return strings.ContainsRune(" \t\r\n"+frame, r)
	}), " ")
}

// spaced makes a regular expression of a pattern whose spaces match a line's end too, as its dots do.
func spaced(pattern string) *regexp.Regexp {
	return regexp.MustCompile("(?s)" + strings.ReplaceAll(pattern, " ", `[\s`+frame+`]+`))
}

// failureOf runs steps of which one fails, and returns what terraform writes of it, unwrapped.
func failureOf(t *testing.T, steps ...resource.TestStep) string {
	t.Helper()
	written := ""
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps:                    steps,
		ErrorCheck: func(err error) error {
			written = err.Error()
			return nil
		},
	})
	return unwrapped(written)
}

// refusalOf returns what terraform writes of a configuration that it refuses to plan, unwrapped.
func refusalOf(t *testing.T, config string) string {
	t.Helper()
	return failureOf(t, resource.TestStep{Config: config, PlanOnly: true})
}

// errorsIn counts the errors in what terraform wrote.
func errorsIn(unwrapped string) int {
	return strings.Count(unwrapped, " Error: ")
}

// TestWrappedTextIsFound wraps an error at every width: what is said is found in all of them.
func TestWrappedTextIsFound(t *testing.T) {
	const said = "Error: Job login failed after 1 s: 2 of 2 points failed. Point 0 (user = a): exit code 3."
	for width := 1; width <= len(said); width++ {
		written := "\n╷\n│ " + strings.Join(linesOf(said, width), "\n│ ") + "\n╵\n"
		if got := unwrapped("It failed:" + written); got != "It failed: "+said || errorsIn(got) != 1 {
			t.Errorf("at width %d there is %q", width, got)
		}
		if !spaced(`after 1 s: .*Point 0 \(user = a\)`).MatchString(written) {
			t.Errorf("at width %d the pattern does not match %q", width, written)
		}
	}
}

// linesOf breaks a text between words, at a width if the words allow it.
func linesOf(text string, width int) []string {
	var lines []string
	for _, word := range strings.Fields(text) {
		last := len(lines) - 1
		if last >= 0 && len(lines[last])+1+len(word) <= width {
			lines[last] += " " + word
		} else {
			lines = append(lines, word)
		}
	}
	return lines
}
