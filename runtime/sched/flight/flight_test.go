package flight_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/sched/flight"
)

// job is a submission with points, each of which is a letter.
type job struct {
	letters string
	points  *flight.Points[*job]
}

func key(letter byte) batch.PointKey { return batch.PointKey{letter} }

func keys(letters string) (packed []byte) {
	for i := range len(letters) {
		k := key(letters[i])
		packed = append(packed, k[:]...)
	}
	return packed
}

// TestFlightsAreThePointsWithOneKey holds a board against a list of the submissions that are on it.
func TestFlightsAreThePointsWithOneKey(t *testing.T) {
	const alphabet = "abcd"
	rapid.Check(t, func(t *rapid.T) {
		b := flight.New[*job]()
		var jobs []*job
		t.Repeat(map[string]func(*rapid.T){
			"enter": func(t *rapid.T) {
				j := &job{letters: rapid.StringOfN(rapid.RuneFrom([]rune(alphabet)), 1, 5, -1).Draw(t, "points")}
				j.points = b.Enter(j, keys(j.letters))
				jobs = append(jobs, j)
			},
			"leave": func(t *rapid.T) {
				if len(jobs) == 0 {
					t.Skip("no submission is on it")
				}
				i := rapid.IntRange(0, len(jobs)-1).Draw(t, "which")
				b.Leave(jobs[i].points)
				jobs = slices.Delete(jobs, i, i+1)
			},
			"": func(t *rapid.T) {
				count := map[byte]int{}
				for _, j := range jobs {
					for i := range len(j.letters) {
						count[j.letters[i]]++
					}
				}
				for i := range len(alphabet) {
					members(t, b, jobs, alphabet[i], count[alphabet[i]])
				}
				for _, j := range jobs {
					shared := slices.ContainsFunc([]byte(j.letters), func(letter byte) bool { return count[letter] > 1 })
					if j.points.Shared() != shared || int(j.points.Len()) != len(j.letters) {
						t.Fatalf("the points %s are shared: %t, want %t", j.letters, j.points.Shared(), shared)
					}
				}
				flights := 0
				for range b.Each {
					flights++
				}
				if flights != len(count) || b.Empty() != (len(count) == 0) {
					t.Fatalf("%d flights of %d keys", flights, len(count))
				}
			},
		})
	})
}

// members compares the flight of a letter with the points of the jobs, in their order.
func members(t *rapid.T, b flight.Board[*job], jobs []*job, letter byte, n int) {
	f := b.Find(key(letter))
	if len(f.Members()) != n {
		t.Fatalf("%d points are %c, want %d", len(f.Members()), letter, n)
	}
	for _, o := range f.Members() {
		if !slices.Contains(jobs, o.Owner()) || o.Owner().letters[o.Index] != letter || b.At(o.Owner().points, o.Index) != f {
			t.Fatalf("point %d of %s is a member of the flight of %c", o.Index, o.Owner().letters, letter)
		}
	}
}

// TestWhoLeadsAndWhoHasJoined is kept in order, and nobody is in a flight that there is not.
func TestWhoLeadsAndWhoHasJoined(t *testing.T) {
	b := flight.New[*job]()
	first, second, third := &job{}, &job{}, &job{}
	points := b.Enter(first, keys("a"))
	f := b.At(points, 0)
	f.Lead(first)
	f.Lead(second)
	f.Join(third)
	if !slices.Equal(f.Live(), []*job{first, second}) || !slices.Equal(slices.Collect(f.Joined()), []*job{third}) || !f.Busy() {
		t.Errorf("live are %v, joined %v", f.Live(), slices.Collect(f.Joined()))
	}
	f.Land(first)
	f.Land(second)
	f.Part(third)
	if len(f.Live()) > 0 || f.Busy() {
		t.Error("those that have ended are still there")
	}
	var none *flight.Flight[*job]
	none.Land(first)
	if none.Live() != nil || none.Members() != nil || len(slices.Collect(none.Joined())) != 0 || b.At(nil, 0) != nil || (*flight.Points[*job])(nil).Shared() {
		t.Error("somebody is in no flight")
	}
}

// TestRecentForgetsTheOldestResult, and gives none that may not be taken.
func TestRecentForgetsTheOldestResult(t *testing.T) {
	var r flight.Recent
	var k batch.PointKey
	at := func(i int) batch.PointKey { k[0], k[1] = byte(i), byte(i>>8); return k }
	for i := range 2000 {
		r.Put(at(i), flight.Result{Job: batch.Job{ID: "a", QueueName: "q"}})
	}
	if _, known := r.Find(at(0), nil); known {
		t.Error("2000 results are remembered")
	}
	if source, known := r.Find(at(1999), nil); !known || source.ID != "a" {
		t.Errorf("the last is %+v, known: %t", source, known)
	}
	if _, known := r.Find(at(1999), &batch.Sharing{Readable: []string{"other"}}); known {
		t.Error("a result of a queue that may not be read is found")
	}
}
