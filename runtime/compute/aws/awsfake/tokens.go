package awsfake

import (
	"encoding/json"
	"hash/fnv"
	"time"
)

// token is an idempotency token that was used.
type token struct {
	request uint64 // a hash of the request that used it
	answer  any
	until   time.Time
}

// once calls do for a token that is new, and returns the answer of the first call for one that is not, with repeated true. A token names one
// request of one scope, for example of an operation or of a cluster: with another request, conflict is returned. A request without a token
// is always new. What fails does not use its token up.
func once[O any](c *call, scope string, name *string, request any, do func() (*O, error), conflict func(first *O) error) (out *O, repeated bool, err error) {
	if name == nil || *name == "" {
		out, err = do()
		return out, false, err
	}
	key, sum := scope+"\x00"+*name, fingerprint(request)
	if used, ok := c.world.tokens[key]; ok && c.now.Before(used.until) {
		first, _ := used.answer.(*O)
		if used.request != sum {
			return nil, false, conflict(first)
		}
		return first, true, nil
	}
	if out, err = do(); err != nil {
		return nil, false, err
	}
	c.world.tokens[key] = token{sum, out, c.now.Add(tokenLife)}
	return out, false, nil
}

// fingerprint returns a hash of a request.
func fingerprint(request any) uint64 {
	sum := fnv.New64a()
	_ = json.NewEncoder(sum).Encode(request) // structs of the SDK can be encoded, and a hash takes everything
	return sum.Sum64()
}
