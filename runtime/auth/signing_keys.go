package auth

import "sync"

// signingKeys remembers the signing keys of requests that were accepted: one is good for a day, and takes four
// hashes to derive. Whoever cannot sign puts nothing in. It is safe for concurrent use.
type signingKeys struct {
	mu    sync.RWMutex
	known map[signingScope][]byte
}

// signingScope is what a signing key is derived from. The secret is a part of it, so that what is remembered of a
// key is of no use to another with its id.
type signingScope struct{ secret, date, region, service string }

// of returns the signing key of a, and whether it was known.
func (k *signingKeys) of(a authorization, secret string) (key []byte, known bool) {
	k.mu.RLock()
	key, known = k.known[a.signingScope(secret)]
	k.mu.RUnlock()
	if !known {
		key = a.signingKey(secret)
	}
	return key, known
}

// remember keeps key, the signing key of a. When there are maxSigningKeys, all are forgotten: most are of days that
// have passed.
func (k *signingKeys) remember(a authorization, secret string, key []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.known == nil || len(k.known) >= maxSigningKeys {
		k.known = map[signingScope][]byte{}
	}
	k.known[a.signingScope(secret)] = key
}

func (a authorization) signingScope(secret string) signingScope {
	return signingScope{secret, a.date, a.region, a.service}
}
