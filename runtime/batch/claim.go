package batch

import (
	"slices"
	"strings"
)

// Claims are who holds a submission. A submission that is claimed is ended early only when its last claim has been given
// up by somebody who wants that; a claim that lapses never ends it by itself. A value does not change: With and Without
// return another one.
type Claims struct {
	Held []Claim `json:"held,omitempty"` // by name
	// End says that somebody who gave up a claim wants the submission ended once no claim is left, and Reason why.
	End    bool   `json:"end,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// Claim is one holder of a submission.
type Claim struct {
	Name  string `json:"name"`
	Until Time   `json:"until,omitempty"` // when it lapses; 0: never
}

// With returns c with a claim, in the place of one of its name.
func (c *Claims) With(claim Claim) *Claims {
	next := c.Without(claim.Name)
	at, _ := next.find(claim.Name)
	next.Held = slices.Insert(next.Held, at, claim)
	return next
}

// Without returns c without the claim of that name.
func (c *Claims) Without(name string) *Claims {
	next := &Claims{}
	if c != nil {
		*next = *c
		next.Held = slices.Clone(c.Held)
	}
	if at, found := next.find(name); found {
		next.Held = slices.Delete(next.Held, at, at+1)
	}
	return next
}

// Has reports whether there is a claim of that name.
func (c *Claims) Has(name string) bool {
	if c == nil {
		return false
	}
	_, found := c.find(name)
	return found
}

// Lasts reports whether there is a claim of that name that does not lapse before at.
func (c *Claims) Lasts(name string, at Time) bool {
	if c == nil {
		return false
	}
	i, found := c.find(name)
	return found && (c.Held[i].Until == 0 || c.Held[i].Until >= at)
}

func (c *Claims) find(name string) (int, bool) {
	return slices.BinarySearchFunc(c.Held, name, func(held Claim, name string) int { return strings.Compare(held.Name, name) })
}

// NextLapse is when the first claim lapses; 0: none does.
func (c *Claims) NextLapse() (next Time) {
	if c == nil {
		return 0
	}
	for _, held := range c.Held {
		if held.Until != 0 && (next == 0 || held.Until < next) {
			next = held.Until
		}
	}
	return next
}

// Over reports whether the submission has no claims any longer and is to end then.
func (c *Claims) Over() bool { return c != nil && c.End && len(c.Held) == 0 }
