package sqlstore

import (
	"context"
	"database/sql"
	"hash/maphash"
	"sync/atomic"
)

// tokens tells of a client token that no submission has it, without looking. Nearly every submission brings a new one, and
// looking for what is not there costs as much as for what is. It is a Bloom filter (Bloom, "Space/time trade-offs in hash coding with
// allowable errors", 1970); see [trust] for when it may be asked. Of some tokens that nobody has it says that somebody may, and then the store looks.
type tokens struct {
	seed  maphash.Seed
	bits  [tokenBits / 64]uint64
	whole atomic.Bool // every token in the store is among them
}

// tokenBits is the size of the filter, a power of two: with a million submissions two of a hundred new tokens are looked for, with
// more of them more.
const (
	tokenBits   = 8 << 20
	tokenHashes = 4
)

func newTokens() *tokens { return &tokens{seed: maphash.MakeSeed()} }

// add is called before what has the token can be read.
func (t *tokens) add(token string) {
	t.each(token, func(word *uint64, bit uint64) bool {
		atomic.OrUint64(word, bit)
		return true
	})
}

// may reports whether there may be a submission with that token.
func (t *tokens) may(token string) bool {
	if !t.whole.Load() {
		return true
	}
	found := true
	t.each(token, func(word *uint64, bit uint64) bool {
		found = atomic.LoadUint64(word)&bit != 0
		return found
	})
	return found
}

func (t *tokens) each(token string, f func(word *uint64, bit uint64) bool) {
	hash := maphash.String(t.seed, token)
	step := hash>>32 | 1
	for range tokenHashes {
		at := hash % tokenBits
		if !f(&t.bits[at/64], 1<<(at%64)) {
			return
		}
		hash += step
	}
}

// learnTokens reads the tokens that were there before, in parts, between which others read.
func (s *Store) learnTokens(ctx context.Context) error {
	for last, n := "", tokensPerRead; n == tokensPerRead; {
		select {
		case <-s.stop:
			return nil
		default:
		}
		n = 0
		err := s.read(ctx, "read tokens from", func(r *session) error {
			return r.each(ctx, listTokens, []any{last, tokensPerRead}, func(rows *sql.Rows) error {
				n++
				err := rows.Scan(&last)
				s.tokens.add(last)
				return err
			})
		})
		if err != nil {
			return err
		}
	}
	s.tokens.whole.Store(true)
	return nil
}
