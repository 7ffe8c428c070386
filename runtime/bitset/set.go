// Package bitset holds sets of small numbers, one bit each: [Set] only grows and is small while it holds the first few of
// many, [Mask] is as long as the largest number and has the operations of sets.
package bitset

import "math/bits"

// Set is a set of indices that only grows. It keeps only the pages that hold an index, so a set of the first few of a
// million is small. The zero Set is empty.
type Set struct {
	pages []*[pageWords]uint64
	count int32 // of indices in the set
}

// pageWords is how many words of 64 indices one page holds.
const pageWords = 64

// Has reports whether index is in the set.
func (s *Set) Has(index int32) bool { return s.Word(index/64)&bit(index) != 0 }

// Word returns the indices 64w to 64w+63, the lowest in the lowest bit.
func (s *Set) Word(w int32) uint64 {
	if at := int(w / pageWords); at < len(s.pages) && s.pages[at] != nil {
		return s.pages[at][w%pageWords]
	}
	return 0
}

// Add puts index into the set and reports whether it is new there.
func (s *Set) Add(index int32) bool {
	if s.Has(index) {
		return false
	}
	w := index / 64
	at := int(w / pageWords)
	for len(s.pages) <= at {
		s.pages = append(s.pages, nil)
	}
	if s.pages[at] == nil {
		s.pages[at] = new([pageWords]uint64)
	}
	s.pages[at][w%pageWords] |= bit(index)
	s.count++
	return true
}

// Len is how many indices are in the set.
func (s *Set) Len() int32 { return s.count }

// Recount is [Set.Len] from the bits, for tests of the count.
func (s *Set) Recount() (n int32) {
	for w := range int32(len(s.pages) * pageWords) {
		n += int32(bits.OnesCount64(s.Word(w)))
	}
	return n
}

// Words returns the words that are not empty, by their number.
func (s *Set) Words() map[int32]uint64 {
	words := map[int32]uint64{}
	for w := range int32(len(s.pages) * pageWords) {
		if word := s.Word(w); word != 0 {
			words[w] = word
		}
	}
	return words
}

func bit(index int32) uint64 { return 1 << (index % 64) }
