package sim

// dice are thrown by name: the same seed, kind and key always show the same, whatever was asked before.
// So one question more or less does not change the rest of the world.
type dice uint64

const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

func (d dice) roll(kind, key string) uint64 {
	h := uint64(fnvOffset)
	for _, text := range [...]string{kind, "\x00", key} {
		for i := range len(text) {
			h = (h ^ uint64(text[i])) * fnvPrime
		}
	}
	h ^= uint64(d) * 0x9e3779b97f4a7c15
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}

// between returns a number in low..high.
func (d dice) between(low, high int64, kind, key string) int64 {
	return low + int64(d.roll(kind, key)%uint64(high-low+1))
}

// span returns a time in low..high.
func (d dice) span(low, high micros, kind, key string) micros {
	return micros(d.between(int64(low), int64(high), kind, key))
}

// chance is true perMille times in a thousand.
func (d dice) chance(perMille int, kind, key string) bool {
	return d.roll(kind, key)%1000 < uint64(perMille)
}
