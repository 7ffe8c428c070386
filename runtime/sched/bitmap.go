package sched

import "math/bits"

// bitmap is a set of indices of an array that only grows. It keeps the pages that hold one, so that a set of the
// first few of a million is small.
type bitmap struct {
	pages []*[pageWords]uint64
	count int32 // indices in the set
}

// pageWords is how many words of 64 indices one page holds.
const pageWords = 64

func (b *bitmap) has(index int32) bool { return b.word(index/64)&bit(index) != 0 }

// word returns the indices 64w to 64w+63, the lowest in the lowest bit.
func (b *bitmap) word(w int32) uint64 {
	if at := int(w / pageWords); at < len(b.pages) && b.pages[at] != nil {
		return b.pages[at][w%pageWords]
	}
	return 0
}

// set puts index into the set and reports whether it is new there.
func (b *bitmap) set(index int32) bool {
	if b.has(index) {
		return false
	}
	w := index / 64
	at := int(w / pageWords)
	for len(b.pages) <= at {
		b.pages = append(b.pages, nil)
	}
	if b.pages[at] == nil {
		b.pages[at] = new([pageWords]uint64)
	}
	b.pages[at][w%pageWords] |= bit(index)
	b.count++
	return true
}

// counted is count, counted again.
func (b *bitmap) counted() (n int32) {
	for w := range int32(len(b.pages) * pageWords) {
		n += int32(bits.OnesCount64(b.word(w)))
	}
	return n
}

// text lists the words that are not empty.
func (b *bitmap) text() map[int32]uint64 {
	words := map[int32]uint64{}
	for w := range int32(len(b.pages) * pageWords) {
		if word := b.word(w); word != 0 {
			words[w] = word
		}
	}
	return words
}

func bit(index int32) uint64 { return 1 << (index % 64) }

// mask is a set of indices of one array, one bit each, for as long as something is decided about them.
type mask []uint64

func newMask(size int32) mask { return make(mask, (size+63)/64) }

// fullMask holds every index of an array of that size.
func fullMask(size int32) mask {
	all := newMask(size)
	for w := range all {
		all[w] = ^uint64(0)
	}
	if rest := size % 64; rest != 0 {
		all[len(all)-1] = bit(rest) - 1
	}
	return all
}

func (s mask) has(index int32) bool { return s[index/64]&bit(index) != 0 }
func (s mask) set(index int32)      { s[index/64] |= bit(index) }
func (s mask) clear(index int32)    { s[index/64] &^= bit(index) }

// add puts what other holds into s; other may be nil.
func (s mask) add(other mask) {
	for w := range other {
		s[w] |= other[w]
	}
}

// keep takes out of s what other does not hold.
func (s mask) keep(other mask) {
	for w := range s {
		s[w] &= other[w]
	}
}

// drop takes out of s what other holds.
func (s mask) drop(other mask) {
	for w := range s {
		s[w] &^= other[w]
	}
}

func (s mask) count() (n int32) {
	for _, word := range s {
		n += int32(bits.OnesCount64(word))
	}
	return n
}

// indices returns what s holds, ascending.
func (s mask) indices() []int32 {
	var all []int32
	for w, word := range s {
		for ; word != 0; word &= word - 1 {
			all = append(all, int32(w*64+bits.TrailingZeros64(word)))
		}
	}
	return all
}
