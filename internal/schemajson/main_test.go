package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestWriteNamesEveryResource(t *testing.T) {
	var text strings.Builder
	if err := write(t.Context(), &text); err != nil {
		t.Fatal(err)
	}
	var document struct {
		Providers map[string]struct {
			Resources   map[string]any `json:"resource_schemas"`
			DataSources map[string]any `json:"data_source_schemas"`
		} `json:"provider_schemas"`
	}
	if err := json.Unmarshal([]byte(text.String()), &document); err != nil {
		t.Fatal(err)
	}
	batch := document.Providers["batch"]
	for _, name := range []string{"batch_compute_environment", "batch_job_queue", "batch_job_definition", "batch_job"} {
		if batch.Resources[name] == nil {
			t.Errorf("no resource %s among %d", name, len(batch.Resources))
		}
	}
	if batch.DataSources["batch_job"] == nil {
		t.Errorf("no data source batch_job among %d", len(batch.DataSources))
	}
}
