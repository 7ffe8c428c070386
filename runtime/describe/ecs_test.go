package describe

import (
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

func TestTaskIDs(t *testing.T) {
	const root = "0f5c2f9e-8a5b-4d1c-9b7e-3a2d1c0b9f8e"
	for id, want := range map[batch.JobID]string{
		root: "0f5c2f9e8a5b4d1c9b7e3a2d1c0b9f8e-2", root + ":7": "0f5c2f9e8a5b4d1c9b7e3a2d1c0b9f8e-7-2", root + "#7": "0f5c2f9e8a5b4d1c9b7e3a2d1c0b9f8e-n7-2",
	} {
		a := batch.AttemptID{Job: id, Number: 2}
		if got := TaskID(a); got != want {
			t.Errorf("attempt %s is task %s, want %s", a, got, want)
		}
		if got, ok := ParseTaskID(want); !ok || got != a {
			t.Errorf("task %s is attempt %s, %v", want, got, ok)
		}
	}
	for _, text := range []string{"0f5c2f9e8a5b4d1c9b7e3a2d1c0b9f8e-n-2", "0f5c2f9e8a5b4d1c9b7e3a2d1c0b9f8e-m7-2", "0f5c2f9e8a5b4d1c9b7e3a2d1c0b9f8e-n07-2"} {
		if a, ok := ParseTaskID(text); ok {
			t.Errorf("task %s is attempt %s", text, a)
		}
	}
}

func TestTaskIDsReadBack(t *testing.T) {
	for _, id := range []batch.AttemptID{
		{Job: "0189c7a2-7d1f-4f5e-9d9e-3f2b6a1c0d4e", Number: 1},
		{Job: "0189c7a2-7d1f-4f5e-9d9e-3f2b6a1c0d4e:0", Number: 10},
		{Job: "0189c7a2-7d1f-4f5e-9d9e-3f2b6a1c0d4e:999999", Number: 3},
	} {
		if got, ok := ParseTaskID(TaskID(id)); !ok || got != id {
			t.Errorf("%s was read as %v, %t", TaskID(id), got, ok)
		}
	}
	for _, text := range []string{"", "x", "0189c7a27d1f4f5e9d9e3f2b6a1c0d4e", "0189c7a27d1f4f5e9d9e3f2b6a1c0d4e-0", "0189c7a27d1f4f5e9d9e3f2b6a1c0d4e-01-1", "0189c7a2-7d1f-4f5e-9d9e-3f2b6a1c0d4e-1", "0189C7A27D1F4F5E9D9E3F2B6A1C0D4E-1"} {
		if id, ok := ParseTaskID(text); ok {
			t.Errorf("%q was read as %s", text, id)
		}
	}
}
