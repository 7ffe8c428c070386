package api

import (
	"encoding/json"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// TestTypedValuesOfAnEnvironmentAreThoseOfItsDocument holds what the scheduler reads of an environment against its document, as it is created
// and after each update.
func TestTypedValuesOfAnEnvironmentAreThoseOfItsDocument(t *testing.T) {
	const created = `{"type":"SPOT","minvCpus":2,"maxvCpus":16,"desiredvCpus":2}`
	values := func(kind batch.Kind, least, most, memory int64) batch.Environment {
		return batch.Environment{Kind: kind, MinMilliCPU: least, Max: batch.Shape{MilliCPU: most, MemoryMiB: memory}}
	}
	for name, c := range map[string]struct {
		document, patch string
		want            batch.Environment
	}{
		"created":               {created, `{}`, values(batch.Spot, 2000, 16_000, 0)},
		"a new minimum":         {created, `{"minvCpus":4}`, values(batch.Spot, 4000, 16_000, 0)},
		"a new maximum":         {created, `{"maxvCpus":32}`, values(batch.Spot, 2000, 32_000, 0)},
		"another kind":          {created, `{"type":"EC2"}`, values(batch.EC2, 2000, 16_000, 0)},
		"memory of LOCAL":       {`{"type":"LOCAL","maxvCpus":4,"batchd":{"memoryMiB":512}}`, `{}`, values(batch.Local, 0, 4000, 512)},
		"memory changes":        {`{"type":"LOCAL","maxvCpus":4,"batchd":{"memoryMiB":512}}`, `{"batchd":{"memoryMiB":64}}`, values(batch.Local, 0, 4000, 64)},
		"memory stays":          {`{"type":"LOCAL","maxvCpus":4,"batchd":{"memoryMiB":512}}`, `{"maxvCpus":8}`, values(batch.Local, 0, 8000, 512)},
		"UNMANAGED has nothing": {`null`, `null`, values(batch.Unmanaged, 0, 0, 0)},
	} {
		var r *wire.ComputeResource
		for _, text := range []string{c.document, c.patch} {
			if err := json.Unmarshal([]byte(text), &r); err != nil {
				t.Fatal(err)
			}
		}
		var got batch.Environment
		if readResources(&got, r); got.Kind != c.want.Kind || got.MinMilliCPU != c.want.MinMilliCPU || got.Max != c.want.Max {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}
