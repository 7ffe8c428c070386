// Package parameter says how a job finds its parameters: as Ref::name in its command, and in environment variables. The service,
// which runs the job, and the provider, which describes it, ask the same rules.
package parameter

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

const (
	// VariablePrefix begins the environment variable that carries a parameter.
	VariablePrefix = "BATCH_PARAM_"
	// placeholderPrefix begins a placeholder in a command; the name of the parameter follows.
	placeholderPrefix = "Ref::"
)

var placeholder = regexp.MustCompile(placeholderPrefix + `[A-Za-z0-9_-]+`)

// Resolve replaces every Ref::name in a command by the parameter of that name. A placeholder without a parameter is left as it
// is.
func Resolve(command []string, parameters map[string]string) []string {
	if len(command) == 0 {
		return nil
	}
	resolved := make([]string, len(command))
	for i, word := range command {
		resolved[i] = placeholder.ReplaceAllStringFunc(word, func(ref string) string {
			if value, ok := parameters[ref[len(placeholderPrefix):]]; ok {
				return value
			}
			return ref
		})
	}
	return resolved
}

// Variable returns the name of the environment variable that carries a parameter: [VariablePrefix] and the name in upper case,
// with "_" for every character that is neither an ASCII letter nor a digit. That of learning-rate is BATCH_PARAM_LEARNING_RATE.
func Variable(name string) string {
	return VariablePrefix + strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		default:
			return '_'
		}
	}, name)
}

// WithoutVariable returns the parameters that no environment variable carries, by name: those of which [Variable] is that of
// another one, too. The job has them as Ref::name alone.
func WithoutVariable(parameters map[string]string) []string {
	owner := make(map[string]string, len(parameters))
	shared := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		variable := Variable(name)
		if other, taken := owner[variable]; taken {
			shared[other], shared[name] = true, true
		}
		owner[variable] = name
	}
	return slices.Sorted(maps.Keys(shared))
}
