package batch

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
)

// PointKeySize is how many bytes of the base key of a point are kept to compare points by.
const PointKeySize = 16

// PointKey stands for the base key of a point of a live submission.
type PointKey [PointKeySize]byte

// PointKeyOf returns the first bytes of a base key; zero for none.
func PointKeyOf(baseKey string) (k PointKey) {
	if len(baseKey) < 2*PointKeySize {
		return PointKey{}
	}
	if _, err := hex.Decode(k[:], []byte(baseKey[:2*PointKeySize])); err != nil {
		return PointKey{}
	}
	return k
}

// PointKeys is a row: the [PointKey] of every point of a submission that may share work, one behind the other.
type PointKeys struct {
	Job  JobID
	Keys []byte // PointKeySize for each child in order, or for the single job
}

// At returns the key of the point at index.
func (p *PointKeys) At(index int) PointKey {
	return PointKey(p.Keys[index*PointKeySize : (index+1)*PointKeySize])
}

// Upstream is what the points of a submission depend on, as it takes part in their keys.
type Upstream struct {
	// All hashes what every point waits for; empty if that is nothing.
	All string `json:"all,omitempty"`
	// Each holds PointKeySize bytes for every child: what that child alone waits for. It is nil if that is nothing.
	Each []byte `json:"each,omitempty"`
	// Sequential is set if each child waits for the one before it, and Chained once Each says so of a sweep.
	Sequential bool `json:"sequential,omitempty"`
	Chained    bool `json:"chained,omitempty"`
	// Unknown is set if the content of an image in what they wait for is not known: then no point has a key.
	Unknown bool `json:"unknown,omitempty"`
}

func (u *Upstream) of(index int32) []byte {
	at := int(index) * PointKeySize
	if index < 0 || at+PointKeySize > len(u.Each) {
		return nil
	}
	return u.Each[at : at+PointKeySize]
}

// DependencyKeys are the content keys of one thing that a submission depends on.
type DependencyKeys struct {
	Kind DependencyKind
	// Key is that of the job, array or child that is named; empty if it is not known.
	Key string
	// Each are those of its children, for DependNToN; an empty one is not known. They are left out if they follow from
	// Key and the index, and the children of the submission are identified by their index too.
	Each []string
}

// UpstreamOf puts together what a submission of size children depends on. Neither the order nor a repetition of
// dependencies changes it.
func UpstreamOf(dependencies []DependencyKeys, size int) Upstream {
	var u Upstream
	var all []string
	pairs := make([][]string, 0)
	for _, d := range dependencies {
		switch d.Kind {
		case DependSequential:
			u.Sequential = true
			all = append(all, string(d.Kind))
		case DependNToN:
			if d.Key != "" {
				all = append(all, string(d.Kind)+" "+d.Key)
				continue
			}
			pairs = append(pairs, d.Each)
			u.Unknown = u.Unknown || len(d.Each) != size || slices.Contains(d.Each, "")
		default:
			u.Unknown = u.Unknown || d.Key == ""
			all = append(all, string(d.Kind)+" "+d.Key)
		}
	}
	u.All = hashOfSet(all)
	if len(pairs) == 0 || u.Unknown {
		return u
	}
	u.Each = make([]byte, 0, size*PointKeySize)
	for i := range size {
		var keys []string
		for _, each := range pairs {
			keys = append(keys, each[i])
		}
		key := PointKeyOf(hashOfSet(keys))
		u.Each = append(u.Each, key[:]...)
	}
	return u
}

// hashOfSet hashes texts without regard to order and repetition; it is empty for none.
func hashOfSet(texts []string) string {
	if len(texts) == 0 {
		return ""
	}
	slices.Sort(texts)
	sum := sha256.New()
	for _, text := range slices.Compact(texts) {
		_, _ = sum.Write([]byte(text + "\n")) // a hash does not fail
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// KeyOfAll is the content key of a whole whose parts have these keys, in order; empty if that of a part is.
func KeyOfAll(keys []string) string {
	sum := sha256.New()
	for _, key := range keys {
		if key == "" {
			return ""
		}
		_, _ = sum.Write([]byte(key + "\n"))
	}
	return hex.EncodeToString(sum.Sum(nil)[:PointKeySize])
}

// Identify returns the base key of every point of s in order, or that of a single job (size 0), and the key of the whole
// submission, which is made of them. Keys that are not known are empty. A child of a SEQUENTIAL sweep depends on the one
// before it, so its key takes part in the next one; Identify notes that in s.Upstream.Each, once.
func Identify(s *Spec, points []map[string]string, size int) (bases []string, whole string) {
	keys, pairs := NewKeys(s), s.Upstream.Each
	chained := s.Upstream.Sequential && !s.Upstream.Chained && len(points) > 0
	if chained {
		s.Upstream.Each, s.Upstream.Chained = make([]byte, size*PointKeySize), true
	}
	all := make([]string, 0, max(size, 1))
	for i := range max(size, 1) {
		switch {
		case size == 0:
			all = append(all, keys.hash(nil, -1))
			continue
		case len(points) == 0:
			all = append(all, keys.hash(nil, int32(i)))
			continue
		case chained && i > 0:
			s.Upstream.chain(i, pairs, all[i-1])
		case chained:
			s.Upstream.chain(i, pairs, "")
		}
		all = append(all, keys.hash(OwnPoint(points[i]), int32(i)))
	}
	switch {
	case len(points) == 0:
		whole = WholeKey(s, nil, size)
	case !s.Upstream.Unknown:
		whole = KeyOfAll(append([]string{"of " + strconv.Itoa(size)}, all...))
	}
	if s.Upstream.Unknown || len(s.Nodes) > 0 {
		clear(all)
	}
	return all, whole
}

// WholeKey is the key of a whole submission as [Identify] returns it, and completes s as that does. Of an array without points it is made of the key of
// the first child, the size and what each child alone depends on, because all other keys follow from these.
func WholeKey(s *Spec, points []map[string]string, size int) string {
	switch {
	case len(points) > 0:
		_, whole := Identify(s, points, size)
		return whole
	case s.Upstream.Unknown:
		return ""
	case size == 0:
		return KeyOfAll([]string{"of 0", NewKeys(s).hash(nil, -1)})
	default:
		return KeyOfAll([]string{"of " + strconv.Itoa(size), NewKeys(s).hash(nil, 0), "each " + hashOfSet([]string{string(s.Upstream.Each)})})
	}
}

// chain notes that child i waits for the one before it, beside what pairs says of it.
func (u *Upstream) chain(i int, pairs []byte, before string) {
	at := i * PointKeySize
	keys := []string{"before " + before}
	if len(pairs) > 0 {
		keys = append(keys, string(pairs[at:at+PointKeySize]))
	}
	key := PointKeyOf(hashOfSet(keys))
	copy(u.Each[at:], key[:])
}

// OwnPoint makes sure that a child of a sweep has a point, if only an empty one: its parameters
// identify it, never its index.
func OwnPoint(point map[string]string) map[string]string {
	if point == nil {
		return map[string]string{}
	}
	return point
}

// PackPointKeys returns the row of these base keys; nil if there are none.
func PackPointKeys(bases []string) []byte {
	packed := make([]byte, 0, len(bases)*PointKeySize)
	for _, base := range bases {
		if base == "" {
			return nil
		}
		key := PointKeyOf(base)
		packed = append(packed, key[:]...)
	}
	return packed
}
