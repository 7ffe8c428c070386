package batch

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"

	"github.com/batchd/terraform-provider-batch/runtime/parameter"
)

// This file is the one place that says what a result is of. docs/guides/identity.md is the table for people.

// identity is what determines the result of a job. encoding/json writes maps in
// key order and fields in order of declaration, so equal identities have equal bytes. Members that were added later
// are left out while they are empty, so that results stored before are still found.
type identity struct {
	Command          []string          `json:"command"`
	Script           string            `json:"script"` // its hash
	Image            string            `json:"image"`
	Environment      []EnvVar          `json:"environment"`
	WorkingDirectory string            `json:"workingDirectory"`
	User             string            `json:"user"`
	Mounts           []Mount           `json:"mounts"`
	Shape            Shape             `json:"shape"`
	Secrets          []Secret          `json:"secrets,omitempty"`
	FileSystems      []FileSystem      `json:"fileSystems,omitempty"`
	Platform         []string          `json:"platform,omitempty"` // operating system and architecture
	Parameters       map[string]string `json:"parameters"`
	Inputs           map[string]string `json:"inputs"`
	Index            *int32            `json:"index,omitempty"`
	Triggers         map[string]string `json:"triggers,omitempty"`
	After            string            `json:"after,omitempty"`     // [Upstream.All]
	AfterEach        []byte            `json:"afterEach,omitempty"` // of [Upstream.Each]
	Nodes            []identity        `json:"nodes,omitempty"`     // of a multi-node job: its ranges
	To               *int32            `json:"to,omitempty"`        // the last node of such a range
	Main             *int32            `json:"main,omitempty"`      // the main node of a multi-node job
}

// Keys makes the keys of the points of one submission.
type Keys struct {
	spec   *Spec
	script string
	// plain is the identity of a point without parameters of its own, without its index: the children of an array differ in
	// that alone, and there may be a million of them.
	plain identity
}

// NewKeys returns what makes the keys of s, which must not change meanwhile.
func NewKeys(s *Spec) *Keys {
	k := &Keys{spec: s, script: hashOfScript(s.Container.Script)}
	k.plain = k.identity(nil)
	return k
}

// hashOfScript stands for a script, so that the children of an array do not each hash it again.
func hashOfScript(script string) string {
	if script == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(script))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// Base hashes everything that determines the result of one job but the content of
// its image: resolved command, script, environment, parameters, inputs, triggers, the
// resources it can see and the keys of what it depends on. No name, revision or ARN takes part. A child with a point is
// identified by its parameters, a child without one by its index (index < 0: not a child). It is empty, and the result
// of the job is never taken again, if the key of something that it depends on is not known, and of a multi-node job.
func (k *Keys) Base(point map[string]string, index int32) string {
	if k.spec.Upstream.Unknown || len(k.spec.Nodes) > 0 {
		return ""
	}
	return k.hash(point, index)
}

func (k *Keys) hash(point map[string]string, index int32) string {
	id := k.plain
	if len(point) > 0 {
		id = k.identity(point)
	}
	if point == nil && index >= 0 {
		id.Index = &index
	}
	id.AfterEach = k.spec.Upstream.of(index)
	text, err := json.Marshal(&id)
	if err != nil {
		panic("batch: identity does not marshal: " + err.Error())
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// identity is that of a point, without its index.
func (k *Keys) identity(point map[string]string) identity {
	s := k.spec
	parameters := s.EffectiveParameters(point)
	id := identityOf(&s.Container, k.script, parameters)
	if id.Parameters = parameters; parameters == nil {
		id.Parameters = map[string]string{}
	}
	if len(s.Inputs) > 0 {
		id.Inputs = s.Inputs
	}
	if len(s.Triggers) > 0 {
		id.Triggers = s.Triggers
	}
	id.After = s.Upstream.All
	if len(s.Nodes) > 0 {
		id.Nodes, id.Main = nodesOf(s, parameters), &s.MainNode
	}
	return id
}

// nodesOf are the ranges of a multi-node job. They are without gaps, so that their ends say all.
func nodesOf(s *Spec, parameters map[string]string) []identity {
	ranges := make([]identity, 0, len(s.Nodes))
	for i := range s.Nodes {
		n := &s.Nodes[i]
		alike := identityOf(&n.Container, hashOfScript(n.Container.Script), parameters)
		alike.To = &n.To
		ranges = append(ranges, alike)
	}
	return ranges
}

// identityOf is what c says. Whether something empty is given or absent does not matter: rows do not tell.
func identityOf(c *Container, script string, parameters map[string]string) identity {
	id := identity{
		Command: parameter.Resolve(c.Command, parameters), Script: script, Image: c.Image,
		WorkingDirectory: c.WorkingDirectory, User: c.User, Shape: c.Shape,
	}
	if len(c.Environment) > 0 {
		id.Environment = c.Environment
	}
	if len(c.Mounts) > 0 {
		id.Mounts = c.Mounts
	}
	if e := c.ECS; e != nil {
		id.Secrets, id.FileSystems = e.Secrets, e.FileSystems
		if e.OS != "" || e.Architecture != "" {
			id.Platform = []string{e.OS, e.Architecture}
		}
	}
	return id
}

// BaseKey is [Keys.Base] for one point of s.
func BaseKey(s *Spec, point map[string]string, index int32) string {
	return NewKeys(s).Base(point, index)
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
