package batch

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"regexp"
)

// identity is what determines the result of a job. encoding/json writes maps in
// key order and fields in order of declaration, so equal identities have equal bytes.
type identity struct {
	Command          []string          `json:"command"`
	Script           string            `json:"script"`
	Image            string            `json:"image"`
	Environment      []EnvVar          `json:"environment"`
	WorkingDirectory string            `json:"workingDirectory"`
	User             string            `json:"user"`
	Mounts           []Mount           `json:"mounts"`
	Shape            Shape             `json:"shape"`
	Parameters       map[string]string `json:"parameters"`
	Inputs           map[string]string `json:"inputs"`
	Index            *int32            `json:"index,omitempty"`
}

// BaseKey hashes everything that determines the result of one job but the content of
// its image: resolved command, script, environment, parameters, inputs and the
// resources it can see. No name, revision or ARN takes part. A child with a point is
// identified by its parameters, a child without one by its index (index < 0: not a child).
func BaseKey(s *Spec, point map[string]string, index int32) string {
	parameters := s.EffectiveParameters(point)
	id := identity{
		Command: ResolveCommand(s.Container.Command, parameters), Script: s.Container.Script,
		Image: s.Container.Image, Environment: s.Container.Environment,
		WorkingDirectory: s.Container.WorkingDirectory, User: s.Container.User, Mounts: s.Container.Mounts,
		Shape: s.Container.Shape, Parameters: parameters, Inputs: s.Inputs,
	}
	if point == nil && index >= 0 {
		id.Index = &index
	}
	text, err := json.Marshal(id)
	if err != nil {
		panic("batch: identity does not marshal: " + err.Error())
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// ContentKey is the key under which a result may be taken again: the base key and the
// digest of the image that ran. It is empty, and never matches, when a container's
// digest is not known.
func ContentKey(baseKey, imageDigest string, isContainer bool) string {
	if baseKey == "" || isContainer && imageDigest == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(baseKey + "\n" + imageDigest))
	return hex.EncodeToString(sum[:16])
}

// EffectiveParameters returns the parameters of s overlaid by those of point.
func (s *Spec) EffectiveParameters(point map[string]string) map[string]string {
	if len(point) == 0 {
		return s.Parameters
	}
	all := make(map[string]string, len(s.Parameters)+len(point))
	maps.Copy(all, s.Parameters)
	maps.Copy(all, point)
	return all
}

var placeholder = regexp.MustCompile(`Ref::[A-Za-z0-9_-]+`)

// ResolveCommand replaces every Ref::name by the parameter of that name. A placeholder
// without a parameter is left as it is.
func ResolveCommand(command []string, parameters map[string]string) []string {
	if len(command) == 0 {
		return nil
	}
	resolved := make([]string, len(command))
	for i, word := range command {
		resolved[i] = placeholder.ReplaceAllStringFunc(word, func(ref string) string {
			if value, ok := parameters[ref[len("Ref::"):]]; ok {
				return value
			}
			return ref
		})
	}
	return resolved
}
