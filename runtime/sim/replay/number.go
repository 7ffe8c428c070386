package replay

import (
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"
)

// Milli is a number in thousandths: vCPUs, a slowdown. It reads and writes as a decimal with up to three places,
// without a detour through floating point, so that reports are the same everywhere.
type Milli int64

// String returns m with as many places as it needs.
func (m Milli) String() string {
	text := strings.TrimRight(decimal(int64(m), 3), "0")
	return strings.TrimSuffix(text, ".")
}

// Fixed returns m with exactly places decimals, 0 to 3, cut off.
func (m Milli) Fixed(places int) string {
	text := decimal(int64(m), 3)
	if places == 0 {
		return text[:len(text)-4]
	}
	return text[:len(text)-3+places]
}

// MarshalJSON implements [encoding/json.Marshaler].
func (m Milli) MarshalJSON() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalJSON implements [encoding/json.Unmarshaler].
func (m *Milli) UnmarshalJSON(text []byte) error {
	n, err := ParseMilli(string(text))
	*m = n
	return err
}

// ParseMilli is the inverse of [Milli.String]. Only numbers of 0 and more with at most three places are taken.
func ParseMilli(text string) (Milli, error) {
	whole, places, _ := strings.Cut(text, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || n < 0 || n > maxAmount/1000 || len(places) > 3 || strings.HasSuffix(text, ".") {
		return 0, fmt.Errorf("%q is not a number of 0 or more with at most three decimals", text)
	}
	thousandths, err := strconv.ParseUint("0"+(places + "000")[:3], 10, 32)
	if err != nil {
		return 0, fmt.Errorf("%q is not a number of 0 or more with at most three decimals", text)
	}
	return Milli(n*1000 + int64(thousandths)), nil
}

// Fraction is a part of a whole in ten-thousandths.
type Fraction int64

// String returns f as a decimal with four places.
func (f Fraction) String() string { return decimal(int64(f), 4) }

// Percent returns f as a percentage with two places.
func (f Fraction) Percent() string { return decimal(int64(f), 2) + "%" }

// MarshalJSON implements [encoding/json.Marshaler].
func (f Fraction) MarshalJSON() ([]byte, error) { return []byte(f.String()), nil }

// decimal writes n times ten to the power of -places.
func decimal(n int64, places int) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	digits := fmt.Sprintf("%0*d", places+1, n)
	return sign + digits[:len(digits)-places] + "." + digits[len(digits)-places:]
}

// fraction is part of whole; 0 of nothing.
func fraction(part, whole int64) Fraction { return Fraction(scale(part, 10_000, whole)) }

// scale is a*b/c, cut off, without overflow in between; 0 if c is. None may be negative; what is too large for the
// answer is the largest.
func scale(a, b, c int64) int64 {
	if c <= 0 {
		return 0
	}
	high, low := bits.Mul64(uint64(a), uint64(b))
	if high >= uint64(c) {
		return math.MaxInt64
	}
	quotient, _ := bits.Div64(high, low, uint64(c))
	return int64(min(quotient, math.MaxInt64))
}
