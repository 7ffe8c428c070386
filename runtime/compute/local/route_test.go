//go:build linux || darwin

package local

import (
	"context"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/compute/computetest"
)

// ship is a container runner in memory.
type ship struct{ *computetest.Fake }

func (s ship) Census(ctx context.Context) ([]compute.Presence, error) {
	c, err := s.Fake.Census(ctx)
	return c.Attempts, err
}

func TestContainersGoToTheirRunner(t *testing.T) {
	options := testOptions(t, t.TempDir())
	fake := computetest.NewFake(computetest.FakeOptions{Digests: map[string]string{"img": "sha256:1"}})
	options.Containers = ship{fake}
	d := New(options)
	if err := d.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	b := &bed{Driver: d, t: t, started: map[batch.AttemptID]int{}, exits: map[batch.AttemptID]batch.Exit{}, said: map[batch.Runner][]string{}}
	image := computetest.Container(computetest.Behaviour{Manual: true})
	image.Image = "img"
	container := b.run(image)
	b.awaitStart(container)
	process := b.sh("exit 3")
	b.code(process, 3)
	if err := d.Close(t.Context()); err != nil {
		t.Fatal(err)
	}

	options.Containers = ship{fake.Again()} // as a restarted batchd has it
	b = bedOver(t, options)
	if err := b.Forget(t.Context(), []batch.AttemptID{process}); err != nil {
		t.Fatal(err)
	}
	if err := b.Stop(t.Context(), []compute.Stop{{Attempt: container}}); err != nil {
		t.Fatal(err)
	}
	if e := b.code(container, 143); e.ImageDigest != "sha256:1" {
		t.Errorf("exit %+v", e)
	}
	if err := b.Forget(t.Context(), []batch.AttemptID{container}); err != nil {
		t.Fatal(err)
	}
	if c, err := b.Census(t.Context()); err != nil || len(c.Attempts) != 0 {
		t.Errorf("census %+v, %v", c, err)
	}
}

func TestContainerStoppedBeforeItsStart(t *testing.T) {
	options := testOptions(t, t.TempDir())
	fake := computetest.NewFake(computetest.FakeOptions{})
	options.Containers = ship{fake}
	b := bedOver(t, options)
	id := batch.AttemptID{Job: "job-1", Number: 1}
	if err := b.Stop(t.Context(), []compute.Stop{{Attempt: id}}); err != nil {
		t.Fatal(err)
	}
	if e := b.exit(id); e.Kind != batch.Recalled {
		t.Errorf("exit %+v", e)
	}
	b.run(batch.Container{Image: "img"})
	if held, err := fake.Census(t.Context()); err != nil || len(held.Attempts) != 0 {
		t.Errorf("the runner holds %+v, %v", held.Attempts, err)
	}
	c, err := b.Census(t.Context())
	if err != nil || len(c.Attempts) != 1 || c.Attempts[0].Exit.Kind != batch.Recalled {
		t.Errorf("census %+v, %v", c, err)
	}
}

func TestImagesWithoutARunnerAreRefusedOnce(t *testing.T) {
	b := newBed(t)
	id := b.run(batch.Container{Image: "img"})
	if e := b.exit(id); e.Kind != batch.Refused {
		t.Errorf("exit %+v", e)
	}
	for _, want := range []int{1, 0} {
		if c, err := b.Census(t.Context()); err != nil || len(c.Attempts) != want {
			t.Errorf("census %+v, %v", c, err)
		}
		if err := b.Forget(t.Context(), []batch.AttemptID{id}); err != nil {
			t.Fatal(err)
		}
	}
}
