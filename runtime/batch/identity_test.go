package batch_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/parameter"
)

// inKey says of every field of a specification, and of what it runs, whether it takes part in the key of a point. A new field
// has to be decided here, in batch/key.go and in docs/guides/identity.md.
var inKey = map[string]bool{
	"Spec.Job": false, "Spec.Definition": false, "Spec.Retry": false, "Spec.Timeout": false, "Spec.PropagateTags": false,
	"Spec.Reuse": false, "Spec.Needs": false, "Spec.Body": false, "Spec.MainNode": false, // of a multi-node job alone
	"Spec.Parameters": true, "Spec.Inputs": true, "Spec.Triggers": true, "Spec.Upstream": true,
	"Container.Image": true, "Container.Command": true, "Container.Environment": true, "Container.Shape": true,
	"Container.User": true, "Container.Mounts": true, "Container.Script": true, "Container.WorkingDirectory": true,
	"Container.CPURequired": false, "Container.MemoryRequired": false, // which form a client used; the amounts are in Shape
	"Container.Privileged": false, "Container.ReadOnlyRoot": false, "Container.Ulimits": false, "Container.Tmpfs": false,
	"Container.Init": false, "Container.SharedMemoryMiB": false, "Container.MaxSwapMiB": false, "Container.Results": false,
	"ECS.Secrets": true, "ECS.FileSystems": true, "ECS.OS": true, "ECS.Architecture": true,
	"ECS.JobRole": false, "ECS.ExecutionRole": false, "ECS.RegistrySecret": false, "ECS.Devices": false, "ECS.Swappiness": false,
	"ECS.Log": false, "ECS.ExecuteCommand": false, "ECS.AssignPublicIP": false, "ECS.PlatformVersion": false, "ECS.DiskGiB": false,
}

func specOf() *batch.Spec {
	return &batch.Spec{
		Job: "one", Definition: batch.DefinitionRef{Name: "d", Revision: 1}, Parameters: map[string]string{"x": "1"},
		Container: batch.Container{Command: []string{"run", "Ref::x"}, Script: "#!/bin/sh\n"},
	}
}

func TestEveryFieldIsInTheKeyOrIsNot(t *testing.T) {
	key := batch.BaseKey(specOf(), nil, -1)
	look := func(prefix string, of func(*batch.Spec) any) {
		kind := reflect.TypeOf(of(specOf())).Elem()
		for i := range kind.NumField() {
			name := prefix + "." + kind.Field(i).Name
			if name == "Spec.Container" || name == "Spec.Nodes" || name == "Container.ECS" {
				continue // looked at by themselves
			}
			want, decided := inKey[name]
			if !decided {
				t.Errorf("nobody has decided whether %s is in the key", name)
				continue
			}
			s := specOf()
			change(t, reflect.ValueOf(of(s)).Elem().Field(i))
			if got := batch.BaseKey(s, nil, -1) != key; got != want {
				t.Errorf("%s takes part in the key: %t, want %t", name, got, want)
			}
		}
	}
	look("Spec", func(s *batch.Spec) any { return s })
	look("Container", func(s *batch.Spec) any { return &s.Container })
	look("ECS", func(s *batch.Spec) any {
		s.Container.ECS = &batch.ECS{}
		return s.Container.ECS
	})
}

// change gives a value another one.
func change(t *testing.T, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.String:
		v.SetString(v.String() + "changed")
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Int32, reflect.Int64:
		v.SetInt(v.Int() + 1)
	case reflect.Uint8:
		v.SetUint(v.Uint() + 1)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		change(t, v.Elem())
	case reflect.Slice:
		element := reflect.New(v.Type().Elem()).Elem()
		change(t, element)
		v.Set(reflect.Append(v, element))
	case reflect.Map:
		all := reflect.MakeMap(v.Type())
		all.SetMapIndex(reflect.ValueOf("changed"), reflect.ValueOf("1"))
		v.Set(all)
	case reflect.Struct:
		change(t, v.Field(0))
	default:
		t.Fatalf("a %s is not known", v.Kind())
	}
}

// TestKeysOfBefore: a job without triggers and dependencies has the key under which version 1 stored its result.
func TestKeysOfBefore(t *testing.T) {
	words := rapid.MapOfN(rapid.StringN(0, 4, -1), rapid.String(), 0, 3)
	rapid.Check(t, func(t *rapid.T) {
		s := specOf()
		s.Parameters, s.Inputs = words.Draw(t, "parameters"), words.Draw(t, "inputs")
		s.Container.Command = rapid.SliceOfN(rapid.SampledFrom([]string{"a", "Ref::x", "Ref::y z"}), 0, 3).Draw(t, "command")
		s.Container.Script = rapid.SampledFrom([]string{"", "#!/bin/sh\n"}).Draw(t, "script")
		s.Container.Shape.MilliCPU = rapid.Int64Range(0, 9000).Draw(t, "vcpus")
		s.Triggers, s.Upstream = map[string]string{}, batch.Upstream{}
		point, index := words.Draw(t, "point"), rapid.Int32Range(-1, 3).Draw(t, "index")
		if rapid.Bool().Draw(t, "no point") {
			point = nil
		}
		if got, want := batch.BaseKey(s, point, index), keyOfBefore(t, s, point, index); got != want {
			t.Fatalf("the key is %s, version 1 has %s", got, want)
		}
	})
}

// keyOfBefore is the base key as version 1 computed it.
func keyOfBefore(t *rapid.T, s *batch.Spec, point map[string]string, index int32) string {
	script := s.Container.Script
	if script != "" {
		sum := sha256.Sum256([]byte(script))
		script = "sha256:" + hex.EncodeToString(sum[:])
	}
	parameters := s.EffectiveParameters(point)
	id := struct {
		Command          []string          `json:"command"`
		Script           string            `json:"script"`
		Image            string            `json:"image"`
		Environment      []batch.EnvVar    `json:"environment"`
		WorkingDirectory string            `json:"workingDirectory"`
		User             string            `json:"user"`
		Mounts           []batch.Mount     `json:"mounts"`
		Shape            batch.Shape       `json:"shape"`
		Parameters       map[string]string `json:"parameters"`
		Inputs           map[string]string `json:"inputs"`
		Index            *int32            `json:"index,omitempty"`
	}{
		Command: parameter.Resolve(s.Container.Command, parameters), Script: script, Shape: s.Container.Shape,
		Parameters: parameters, Inputs: s.Inputs,
	}
	if len(id.Inputs) == 0 {
		id.Inputs = nil // as it is read from the store
	}
	if point == nil && index >= 0 {
		id.Index = &index
	}
	text, err := json.Marshal(id)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// TestNothingIsNothing: whether something empty is given or absent does not change the key, because rows do not tell.
func TestNothingIsNothing(t *testing.T) {
	empty, absent := specOf(), specOf()
	absent.Parameters = nil
	empty.Parameters, empty.Inputs, empty.Triggers = map[string]string{}, map[string]string{}, map[string]string{}
	empty.Container.Environment, empty.Container.Mounts = []batch.EnvVar{}, []batch.Mount{}
	empty.Upstream.Each = []byte{}
	for _, point := range []map[string]string{nil, {}, {"x": "1"}} {
		if batch.BaseKey(empty, point, -1) != batch.BaseKey(absent, point, -1) {
			t.Errorf("the keys of point %v differ", point)
		}
	}
}

// TestUpstream: the kind and the key of a dependency are in the key of a point, its place in the list is not.
func TestUpstream(t *testing.T) {
	after := func(kind batch.DependencyKind, key string) batch.DependencyKeys {
		return batch.DependencyKeys{Kind: kind, Key: key}
	}
	pairs := func(keys ...string) batch.DependencyKeys {
		return batch.DependencyKeys{Kind: batch.DependNToN, Each: keys}
	}
	bases := func(points []map[string]string, size int, all ...batch.DependencyKeys) string {
		s := specOf()
		s.Upstream = batch.UpstreamOf(all, size)
		keys, whole := batch.Identify(s, points, size)
		return fmt.Sprint(keys, whole)
	}
	a, b := after("", "ka"), after(batch.DependAfterAny, "kb")
	if bases(nil, 0, a, b) != bases(nil, 0, b, a, a) {
		t.Error("the order or the number of equal dependencies is in the key")
	}
	different := []string{
		bases(nil, 0), bases(nil, 0, a), bases(nil, 0, after("", "kc")), bases(nil, 0, after(batch.DependAfterAny, "ka")), bases(nil, 0, a, b),
		bases(nil, 2), bases(nil, 2, a), bases(nil, 2, pairs("p", "q")), bases(nil, 2, pairs("p", "r")), bases(nil, 2, pairs("p", "q"), pairs("r", "s")),
		bases(nil, 2, after(batch.DependSequential, "")),
	}
	slices.Sort(different)
	if n := len(slices.Compact(different)); n != 11 {
		t.Errorf("11 submissions have %d keys", n)
	}
	for _, unknown := range []batch.DependencyKeys{after("", ""), pairs("p", ""), pairs("p")} {
		s := specOf()
		s.Upstream = batch.UpstreamOf([]batch.DependencyKeys{a, unknown}, 2)
		keys, whole := batch.Identify(s, nil, 2)
		if whole != "" || keys[0] != "" || batch.BaseKey(s, nil, 0) != "" || batch.PackPointKeys(keys) != nil {
			t.Errorf("what depends on what is not known has the keys %v and %q", keys, whole)
		}
	}
}

// TestIdentify: an attempt has the key that its submission was given for it, and of two N_TO_N arrays only the children
// whose counterparts differ have other keys.
func TestIdentify(t *testing.T) {
	points := []map[string]string{{"x": "1"}, {"x": "2"}, nil}
	for name, upstream := range map[string][]batch.DependencyKeys{
		"nothing": nil, "after": {{Key: "k"}}, "sequential": {{Kind: batch.DependSequential}},
		"pairs":                {{Kind: batch.DependNToN, Each: []string{"a", "b", "c"}}},
		"pairs and sequential": {{Kind: batch.DependNToN, Each: []string{"a", "b", "c"}}, {Kind: batch.DependSequential}},
	} {
		for _, own := range [][]map[string]string{nil, points} {
			s := specOf()
			s.Upstream = batch.UpstreamOf(upstream, 3)
			keys, whole := batch.Identify(s, own, 3)
			if again := batch.WholeKey(s, own, 3); again != whole {
				t.Errorf("%s: the whole has the keys %s and %s", name, whole, again)
			}
			for i, key := range keys {
				var point map[string]string
				if own != nil {
					point = batch.OwnPoint(own[i])
				}
				if got := batch.BaseKey(s, point, int32(i)); got != key || len(whole) != 2*batch.PointKeySize {
					t.Errorf("%s: the key of child %d is %s, that of its attempt %s", name, i, key, got)
				}
			}
		}
	}
	sweep := func(values ...string) []string {
		s := specOf()
		s.Upstream = batch.UpstreamOf([]batch.DependencyKeys{{Kind: batch.DependSequential}}, len(values))
		var points []map[string]string
		for _, v := range values {
			points = append(points, map[string]string{"x": v})
		}
		keys, _ := batch.Identify(s, points, len(points))
		return keys
	}
	before, longer, other := sweep("1", "2"), sweep("1", "2", "3"), sweep("0", "2")
	if !slices.Equal(before, longer[:2]) || before[1] == other[1] {
		t.Error("a child of a SEQUENTIAL sweep is not identified by itself and those before it")
	}
	single, _ := batch.Identify(specOf(), nil, 0)
	_, of := batch.Identify(specOf(), nil, 0)
	_, ofOne := batch.Identify(specOf(), []map[string]string{{}}, 1)
	if len(single) != 1 || of == ofOne {
		t.Error("a job and a sweep of one point have one key")
	}
}

// TestNodes: what any of its nodes runs, and which is the main one, is in the key of a multi-node job; its nodes have none.
func TestNodes(t *testing.T) {
	whole := func(change func(*batch.Spec)) string {
		s := specOf()
		s.Container = batch.Container{}
		s.Nodes = []batch.NodeContainer{{To: 1, Container: batch.Container{Command: []string{"a"}}}, {From: 2, To: 3, Container: batch.Container{Image: "i"}}}
		change(s)
		keys, whole := batch.Identify(s, nil, 0)
		if keys[0] != "" {
			t.Errorf("a multi-node job has a result that is taken again, under %s", keys[0])
		}
		return whole
	}
	all := []string{
		whole(func(*batch.Spec) {}),
		whole(func(s *batch.Spec) { s.MainNode = 1 }),
		whole(func(s *batch.Spec) { s.Nodes[1].To = 4 }),
		whole(func(s *batch.Spec) { s.Nodes[1].Container.Image = "j" }),
		whole(func(s *batch.Spec) { s.Nodes[0].Container.Shape.GPUs = 1 }),
		whole(func(s *batch.Spec) { s.Triggers = map[string]string{"a": "b"} }),
	}
	slices.Sort(all)
	if n := len(slices.Compact(all)); n != 6 {
		t.Errorf("6 multi-node jobs have %d keys", n)
	}
}
