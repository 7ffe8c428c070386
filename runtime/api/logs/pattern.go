package logs

import (
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// filterPattern returns what a pattern of terms lets pass: every plain term and "phrase" must be in the
// message, one of those with ? must, and none of those with -.
func filterPattern(pattern string) (func(string) bool, error) {
	pattern = strings.TrimSpace(pattern)
	if strings.HasPrefix(pattern, "{") || strings.HasPrefix(pattern, "[") || strings.HasPrefix(pattern, "%") {
		return nil, invalid("filterPattern: given %s; allowed here are terms, \"phrases\", ?optional and -excluded ones", wire.Brief(pattern))
	}
	var all, some, none []string
	for pattern != "" {
		into := &all
		switch pattern[0] {
		case '?':
			into, pattern = &some, pattern[1:]
		case '-':
			into, pattern = &none, pattern[1:]
		}
		var term string
		if rest, quoted := strings.CutPrefix(pattern, `"`); quoted {
			term, pattern, _ = strings.Cut(rest, `"`)
		} else {
			term, pattern, _ = strings.Cut(pattern, " ")
		}
		if term != "" {
			*into = append(*into, term)
		}
		pattern = strings.TrimSpace(pattern)
	}
	return func(message string) bool {
		for _, term := range all {
			if !strings.Contains(message, term) {
				return false
			}
		}
		return !containsOne(message, none) && (len(some) == 0 || containsOne(message, some))
	}, nil
}

func containsOne(message string, terms []string) bool {
	for _, term := range terms {
		if strings.Contains(message, term) {
			return true
		}
	}
	return false
}
