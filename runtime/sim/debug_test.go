package sim

import (
	"fmt"
	"os"
	"strconv"
	"testing"
)

func TestDebugTally(t *testing.T) {
	if os.Getenv("TALLY") == "" {
		t.Skip()
	}
	n, _ := strconv.Atoi(os.Getenv("TALLY"))
	laws := map[string][]string{}
	var total Stats
	for i := range uint64(n) {
		stats, f := Run(i + 1)
		total.Add(stats)
		if f != nil {
			d := f.Detail
			if len(d) > 300 {
				d = d[:300]
			}
			laws[f.Law] = append(laws[f.Law], fmt.Sprintf("%d [%v] %s", f.Seed, profile(f.Seed), d))
		}
	}
	for law, list := range laws {
		t.Logf("%s: %d", law, len(list))
		for i, s := range list {
			if i < 6 {
				t.Log("     ", s)
			}
		}
	}
	t.Logf("%+v", total)
}

func profile(seed uint64) string {
	s := ""
	p := newPlan(seed, false)
	for k, r := range p.rates {
		if r > 0 {
			s += fmt.Sprintf("%s=%d ", Fault(k), r)
		}
	}
	return s
}

func TestDebugSeed(t *testing.T) {
	if os.Getenv("SEED") == "" {
		t.Skip()
	}
	n, _ := strconv.Atoi(os.Getenv("SEED"))
	kind := os.Getenv("KIND")
	p := newPlan(uint64(n), kind != "")
	if kind == "without" {
		p.rates = rates{}
	} else if kind == "with" {
		p.rates = crashRates()
	}
	w := newWorld(p, nil)
	w.story.told = true
	w.play()
	for _, l := range w.story.lines {
		fmt.Println(l)
	}
	fmt.Println(w.failure)
}

func TestDebugTwice(t *testing.T) {
	if os.Getenv("TWICE") == "" {
		t.Skip()
	}
	n, _ := strconv.Atoi(os.Getenv("TWICE"))
	var a, b *World
	for i := range 30 {
		w := newWorld(newPlan(uint64(n), false), nil)
		w.story.told = true
		w.laws.blind = i > 0
		w.play()
		if a == nil {
			a = w
		} else if a.story.sum() != w.story.sum() {
			b = w
			break
		}
	}
	if b == nil {
		t.Log("same")
		return
	}
	for i := range a.story.lines {
		if a.story.lines[i] != b.story.lines[i] {
			for k := i - 12; k < i+6; k++ {
				fmt.Println("a", a.story.lines[k])
				fmt.Println("b", b.story.lines[k])
			}
			return
		}
	}
}
