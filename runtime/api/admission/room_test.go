package admission

import "testing"

func TestPlacesAreShared(t *testing.T) {
	p := newRoom(8, 4)
	take := func(key string, n int) (taken int) {
		for range n {
			if p.take(key, 1) {
				taken++
			}
		}
		return taken
	}
	if n := take("greedy", 8); n != 4 {
		t.Errorf("one key took %d of 8 places", n)
	}
	if n := take("other", 3); n != 3 {
		t.Errorf("another took %d", n)
	}
	if take("third", 2) != 1 || take("", 1) != 0 {
		t.Error("more than 8 places were taken")
	}
	p.give("greedy", 1)
	if take("greedy", 2) != 1 {
		t.Error("a place that was left cannot be taken again")
	}
	for key, n := range map[string]int{"greedy": 4, "other": 3, "third": 1} {
		p.give(key, int64(n))
	}
	if len(p.of) != 0 || take("", 9) != 8 {
		t.Errorf("left over: %+v", p.of)
	}
}
