package bitset

import "math/bits"

// Mask is a set of indices below a size, one bit each. The masks of one operation are of the same size.
type Mask []uint64

// NewMask returns an empty set of indices below size.
func NewMask(size int32) Mask { return make(Mask, (size+63)/64) }

// FullMask returns the set of all indices below size.
func FullMask(size int32) Mask {
	all := NewMask(size)
	for w := range all {
		all[w] = ^uint64(0)
	}
	if rest := size % 64; rest != 0 {
		all[len(all)-1] = bit(rest) - 1
	}
	return all
}

// Has reports whether index is in s.
func (s Mask) Has(index int32) bool { return s[index/64]&bit(index) != 0 }

// Add puts index into s.
func (s Mask) Add(index int32) { s[index/64] |= bit(index) }

// Remove takes index out of s.
func (s Mask) Remove(index int32) { s[index/64] &^= bit(index) }

// Union puts what other holds into s; other may be nil.
func (s Mask) Union(other Mask) {
	for w := range other {
		s[w] |= other[w]
	}
}

// Intersect takes out of s what other does not hold.
func (s Mask) Intersect(other Mask) {
	for w := range s {
		s[w] &= other[w]
	}
}

// Subtract takes out of s what other holds.
func (s Mask) Subtract(other Mask) {
	for w := range s {
		s[w] &^= other[w]
	}
}

// Len is how many indices are in s.
func (s Mask) Len() (n int32) {
	for _, word := range s {
		n += int32(bits.OnesCount64(word))
	}
	return n
}

// Indices returns what s holds, ascending.
func (s Mask) Indices() []int32 {
	var all []int32
	for w, word := range s {
		for ; word != 0; word &= word - 1 {
			all = append(all, int32(w*64+bits.TrailingZeros64(word)))
		}
	}
	return all
}
