package awsfake

import (
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// sequence keeps things in the order in which they were made, so that a list of very many is paged without being sorted: a token is the number
// of the last thing that was listed.
type sequence[T any] struct {
	made    int
	entries []entry[T]
	gone    int
}

type entry[T any] struct {
	number int
	gone   bool
	value  T
}

// add appends value and returns its number.
func (s *sequence[T]) add(value T) int {
	s.made++
	s.entries = append(s.entries, entry[T]{number: s.made, value: value})
	return s.made
}

func (s *sequence[T]) after(number int) int {
	at, _ := slices.BinarySearchFunc(s.entries, number+1, func(e entry[T], wanted int) int { return e.number - wanted })
	return at
}

// remove removes what has that number.
func (s *sequence[T]) remove(number int) {
	at := s.after(number - 1)
	if at == len(s.entries) || s.entries[at].number != number || s.entries[at].gone {
		return
	}
	s.entries[at] = entry[T]{number: number, gone: true}
	if s.gone++; s.gone > len(s.entries)/2 {
		s.entries = slices.DeleteFunc(s.entries, func(e entry[T]) bool { return e.gone })
		s.gone = 0
	}
}

// page is up to size things that pass, after those that token says were listed, and the token of the next page.
func (s *sequence[T]) page(size int, token *string, passes func(T) bool) (page []T, next *string, err error) {
	last := 0
	if token != nil {
		if last, err = strconv.Atoi(*token); err != nil {
			return nil, nil, refuse(invalidParameter, "Invalid token %s.", *token)
		}
	}
	for _, e := range s.entries[s.after(last):] {
		if e.gone || !passes(e.value) {
			continue
		}
		if len(page) == size {
			return page, aws.String(strconv.Itoa(last)), nil
		}
		page, last = append(page, e.value), e.number
	}
	return page, nil, nil
}
