package engine_test

import (
	"testing"
	"testing/synctest"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/engine"
	"github.com/batchd/terraform-provider-batch/runtime/sched"
)

// again is a submission with reuse that runs after others.
func again(id, definition string, after ...batch.Dependency) sched.SubmitJob {
	c := submission(id, definition)
	c.Reuse, c.DependsOn = true, after
	return c
}

// triggered changes the content of a submission.
func triggered(c sched.SubmitJob, by string) sched.SubmitJob {
	c.Triggers = map[string]string{"by": by}
	return c
}

// TestWhatDependsOnOtherContentRunsAgain: the keys of dependencies are those of their content, not of their ids.
func TestWhatDependsOnOtherContentRunsAgain(t *testing.T) {
	inWorld(t, func(w *world) {
		run := func(c sched.SubmitJob, from batch.JobID) {
			w.Helper()
			w.submit(c)
			if j := w.await(c.ID, batch.Succeeded); j.ReusedFrom != from {
				w.Errorf("job %s has the result of %q, want that of %q", c.ID, j.ReusedFrom, from)
			}
		}
		on := func(id batch.JobID) batch.Dependency { return batch.Dependency{Job: id} }
		run(again("make1", "quick"), "")
		run(again("use1", "second", on("make1")), "")
		run(again("alone", "second"), "")
		run(again("make2", "quick"), "make1")
		run(again("use2", "second", on("make2")), "use1") // another job of the same content
		run(triggered(again("make3", "quick"), "v2"), "")
		run(again("use3", "second", on("make3")), "")
		run(again("end", "second", on("use3")), "")
		run(again("use4", "second", batch.Dependency{Job: "make3", Kind: batch.DependAfterAny}), "")
		run(triggered(again("use5", "second", on("make3")), "v2"), "")
		w.restart()
		run(again("use6", "second", on("make3")), "use3")
	})
}

// TestChildrenDependOnChildren: of an N_TO_N array only those children run again whose counterparts changed.
func TestChildrenDependOnChildren(t *testing.T) {
	inWorld(t, func(w *world) {
		sweep := func(id string, values ...string) sched.SubmitJob {
			c := again(id, "quick")
			for _, v := range values {
				c.Points = append(c.Points, map[string]string{"v": v})
			}
			return c
		}
		pair := func(id string, on batch.JobID) sched.SubmitJob {
			c := again(id, "second", batch.Dependency{Job: on, Kind: batch.DependNToN})
			c.Size = 2
			return c
		}
		for _, c := range []sched.SubmitJob{sweep("a", "1", "2"), pair("pa", "a"), sweep("b", "1", "3"), pair("pb", "b")} {
			w.submit(c)
			w.await(c.ID, batch.Succeeded)
		}
		first, _ := w.store.job("pb:0")
		second, _ := w.store.job("pb:1")
		if first.ReusedFrom != "pa:0" || second.ReusedFrom != "" {
			w.Errorf("the children have the results of %q and %q, want pa:0 and their own", first.ReusedFrom, second.ReusedFrom)
		}
		if top, _ := w.store.job("pb"); top.Array.Reused != 1 {
			w.Errorf("the array counts %d reused children", top.Array.Reused)
		}
	})
}

// TestAResultOfAJobThatDependedIsNotThatOfOneThatDoesNot: version 1 stored both under one key.
func TestAResultOfAJobThatDependedIsNotThatOfOneThatDoesNot(t *testing.T) {
	inWorld(t, func(w *world) {
		w.submit(again("old", "quick"))
		old := w.await("old", batch.Succeeded)
		old.DependsOn = []batch.Dependency{{Job: "other"}}
		w.must(w.store.Commit(w.Context(), &batch.Delta{Jobs: []batch.Job{old}}))
		w.restart()
		w.submit(again("new", "quick"))
		if j := w.await("new", batch.Succeeded); j.ReusedFrom != "" {
			w.Errorf("it has the result of %s, which depended on another job", j.ReusedFrom)
		}
	})
}

// TestWhatIsJoinedIsJoinedAfterARestart kills the service between the start and the end of an attempt that another
// submission has joined.
func TestWhatIsJoinedIsJoinedAfterARestart(t *testing.T) {
	inWorld(t, func(w *world) {
		w.submit(again("a", "manual"))
		w.await("a", batch.Running)
		w.submit(again("b", "manual"))
		if j := w.await("b", batch.Runnable); j.Joined != "a" {
			w.Fatalf("it waits for %q, want a", j.Joined)
		}
		w.restart()
		w.submit(again("c", "manual"))
		w.driver.Finish(batch.AttemptID{Job: "a", Number: 1}, 0)
		for _, id := range []batch.JobID{"b", "c"} {
			if j := w.await(id, batch.Succeeded); j.ReusedFrom != "a" || j.Joined != "" {
				w.Errorf("job %s has the result of %q", id, j.ReusedFrom)
			}
		}
		w.ranOnce()
		if n := len(w.driver.Began()); n != 1 {
			w.Errorf("%d attempts began, want 1", n)
		}
	})
}

// TestAClaimOutlivesARestart: who holds a job is in its row, and so is that somebody wanted its end.
func TestAClaimOutlivesARestart(t *testing.T) {
	inWorld(t, func(w *world) {
		claimed := func(id, claim string) sched.SubmitJob {
			c := again(id, "manual")
			c.Name, c.Claim, c.Adopt = "job", claim, true
			return c
		}
		w.submit(claimed("a", "one"))
		w.await("a", batch.Running)
		w.restart()
		reply, err := engine.Do(w.Context(), w.engine, claimed("b", "two"))
		if err != nil || reply.ID != "a" || !reply.Adopted {
			w.Fatalf("answered %+v, %v; want that a was adopted", reply, err)
		}
		_, err = engine.Do(w.Context(), w.engine, sched.ReleaseJob{ID: "a", Claim: "one", End: true, Reason: "gone"})
		w.must(err)
		w.restart()
		synctest.Wait()
		if j := w.await("a", batch.Running); len(j.Claims.Held) != 1 {
			w.Errorf("it has the claims %+v, want that of two", j.Claims)
		}
		if j := w.await("a", batch.Failed); j.StatusReason != "gone" { // when the claim of two has lapsed
			w.Errorf("it failed because %q", j.StatusReason)
		}
	})
}

// TestImagesInKeys: the result of a container is that of the image that ran, and so is the key of what depends on it.
func TestImagesInKeys(t *testing.T) {
	inWorld(t, func(w *world) {
		w.images["box"] = "sha256:1"
		w.boxed("box", "box")
		plan := func(c sched.SubmitJob) sched.Plan {
			w.Helper()
			p, err := engine.Ask(w.Context(), w.engine, sched.PlanJob{Submit: c})
			w.must(err)
			return p
		}
		after := func(id string) sched.SubmitJob { return again(id, "second", batch.Dependency{Job: "a"}) }
		w.submit(again("a", "box"))
		w.await("a", batch.Succeeded)
		w.submit(after("b"))
		w.await("b", batch.Succeeded)
		key := plan(again("c", "box")).Key

		w.images["box"] = "sha256:2" // the tag was moved: what ran is known all the same
		if p := plan(again("c", "box")); p.Reused != 0 || p.Key != key {
			w.Errorf("the result of another image is taken: %+v", p)
		}
		if p := plan(after("c")); p.Reused != 1 {
			w.Errorf("what depended on an image that ran is not taken: %+v", p)
		}
		w.submit(again("d", "box"))
		w.await("d", batch.Succeeded)
		w.submit(again("e", "second", batch.Dependency{Job: "d"}))
		if j := w.await("e", batch.Succeeded); j.ReusedFrom != "" {
			w.Errorf("it has the result of %s, which depended on another image", j.ReusedFrom)
		}

		w.images["box"] = "" // nobody knows what it stands for
		w.submit(again("f", "manual"))
		box := again("g", "box", batch.Dependency{Job: "f"})
		w.submit(box)
		dependent := again("h", "second", batch.Dependency{Job: "g"})
		if p := plan(dependent); p.Key != "" {
			w.Errorf("what depends on an image that nobody knows has the key %s", p.Key)
		}
		w.submit(dependent)
		w.driver.Finish(batch.AttemptID{Job: "f", Number: 1}, 0)
		if j := w.await("h", batch.Succeeded); j.ContentKey != "" {
			w.Errorf("its result may be taken again, under %s", j.ContentKey)
		}
	})
}
