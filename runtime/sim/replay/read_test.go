package replay

import (
	"bytes"
	"compress/gzip"
	"reflect"
	"strings"
	"testing"
)

const smallSWF = `; Version: 2.2
;
  1   100  -1   60   4  -1 -1  8  3600 -1 1  7 3 -1  2 -1 -1 -1
  2    90   5   30  -1  -1 -1  2    -1 -1 1  8 3 -1 -1  1 -1 -1

  3   120  -1    0   1  -1 -1  1    60 -1 0  8 3 -1 -1  1 -1 -1
  4   130  -1   10  -1  -1 -1 -1    60 -1 0  8 3 -1 -1  1 -1 -1
`

func read(t *testing.T, text string, o ReadOptions) *Workload {
	t.Helper()
	w, err := Read(strings.NewReader(text), o)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestReadSWF(t *testing.T) {
	want := []Job{
		{Name: "2", SubmittedAt: 90_000, DurationMs: 30_000, VCPUs: 2000, MemoryMiB: 200, User: "8", Group: "3", Partition: "1"},
		{Name: "1", SubmittedAt: 100_000, DurationMs: 60_000, VCPUs: 4000, MemoryMiB: 400, ExpectedMs: 3_600_000, User: "7", Group: "3", Queue: "2"},
	}
	w := read(t, smallSWF, ReadOptions{MemoryPerProcessor: 100})
	if !reflect.DeepEqual(w.Jobs, want) {
		t.Errorf("got %+v, want %+v", w.Jobs, want)
	}
	if len(w.Skipped) != 2 || w.Skipped[0].Jobs != 1 || w.Skipped[1].Jobs != 1 {
		t.Errorf("skipped %v, want one without a run time and one without processors", w.Skipped)
	}
}

func TestReadGzip(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write([]byte(smallSWF)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	plain := read(t, smallSWF, ReadOptions{})
	if unpacked := read(t, packed.String(), ReadOptions{}); !reflect.DeepEqual(unpacked, plain) {
		t.Errorf("got %+v from gzip, want %+v", unpacked, plain)
	}
	if _, err := Read(bytes.NewReader(packed.Bytes()[:packed.Len()-9]), ReadOptions{}); err == nil {
		t.Error("a log that was cut off was read without an error")
	}
}

const podHeads = "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time\n"

const smallPods = podHeads +
	"a,1500,0,1,300,,LS,Running,10,70,20\n" +
	"b,500,2048,0,0,,BE,Pending,11,30,\n" +
	"c,2000,2048,2,1000,T4,BE,Succeeded,5,6,5\n" +
	"d,2000,2048,2,1000,,BE,Failed,5,6,6\n"

func TestReadPods(t *testing.T) {
	want := []Job{
		{Name: "c", SubmittedAt: 5000, DurationMs: 1000, VCPUs: 2000, MemoryMiB: 2048, GPUs: 2, Queue: "BE"},
		{Name: "a", SubmittedAt: 10_000, DurationMs: 50_000, VCPUs: 1500, MemoryMiB: minMemoryMiB, GPUs: 1, Queue: "LS"},
	}
	w := read(t, smallPods, ReadOptions{})
	if !reflect.DeepEqual(w.Jobs, want) {
		t.Errorf("got %+v, want %+v", w.Jobs, want)
	}
	if len(w.Skipped) != 2 || len(w.Notes) != 2 {
		t.Errorf("skipped %v and noted %v; want 2 skipped, a shared GPU and a model noted", w.Skipped, w.Notes)
	}
}

func TestReadNodes(t *testing.T) {
	hosts, err := ReadNodes(strings.NewReader("sn,cpu_milli,memory_mib,gpu,model\nn1,32000,1000,0,\nn2,96000,2000,8,X\n"))
	want := []HostSpec{{Name: "n1", Count: 1, VCPUs: 32000, MemoryMiB: 1000}, {Name: "n2", Count: 1, VCPUs: 96000, MemoryMiB: 2000, GPUs: 8}}
	if err != nil || !reflect.DeepEqual(hosts, want) {
		t.Errorf("got %+v, %v; want %+v", hosts, err, want)
	}
}

func TestThinKeepsTheMix(t *testing.T) {
	var hosts []HostSpec
	for i := range 200 {
		hosts = append(hosts, HostSpec{GPUs: int64(i / 100)})
	}
	kept, withGPU := Thin(hosts, 15_000), 0
	for _, h := range kept {
		withGPU += int(h.GPUs)
	}
	if len(kept) != 30 || withGPU != 15 {
		t.Errorf("kept %d hosts, %d with a GPU; want 30 and 15", len(kept), withGPU)
	}
}

func TestLinesComeBack(t *testing.T) {
	w := read(t, `{"name":"a","submittedAt":5,"durationMs":7,"vcpus":0.25,"memoryMiB":64,"gpus":1,"queue":"q","share":"s","priority":3,"expectedMs":9}
{"submittedAt":4,"durationsMs":[1,2,3],"vcpus":1,"user":"u","group":"g","partition":"p","definition":"d"}
{"submittedAt":6,"durationMs":1,"count":1000,"vcpus":1}`, ReadOptions{})
	if got := w.Parts(); got != 1004 {
		t.Errorf("the workload has %d parts, want 1004", got)
	}
	var out strings.Builder
	if err := w.WriteLines(&out); err != nil {
		t.Fatal(err)
	}
	if again := read(t, out.String(), ReadOptions{Format: Lines}); !reflect.DeepEqual(again, w) {
		t.Errorf("got %+v, want %+v", again, w)
	}
}

// TestWrongWorkloads wants errors that say where and what.
func TestWrongWorkloads(t *testing.T) {
	for name, test := range map[string]struct {
		text   string
		format Format
		want   string
	}{
		"empty":              {"", Auto, "the workload is empty"},
		"comments only":      {"; nothing\n", Auto, "the workload is empty"},
		"nothing to replay":  {" 3 120 -1 0 1 -1 -1 1 60 -1 0 8 3 -1 -1 1 -1 -1\n", Auto, "no job that can be replayed"},
		"neither":            {"hello\n", Auto, "say which"},
		"too few columns":    {"; x\n1 2 3\n", SWF, "line 2: it has 3 columns"},
		"no number":          {"1 x -1 60 4 -1 -1 8 3600 -1 1 7 3 -1 2 -1 -1 -1\n", SWF, `line 1: column 2 (submit time) is "x"`},
		"not JSON":           {"{\"vcpus\":1,\"durationMs\":1}\n{\n", Lines, "line 2: it is not a job"},
		"an unknown member":  {"{\"cpus\":1}\n", Auto, `unknown field "cpus"`},
		"two on a line":      {"{\"vcpus\":1,\"durationMs\":1} {}\n", Auto, "line 1: there is more than one"},
		"no duration":        {"{\"vcpus\":1}\n", Auto, "line 1: durationMs is 0"},
		"a bad child":        {"{\"vcpus\":1,\"durationsMs\":[1,0]}\n", Auto, "durationsMs[1] is 0"},
		"nothing asked for":  {"{\"durationMs\":1}\n", Auto, "asks for nothing"},
		"too fine a vCPU":    {"{\"vcpus\":0.0001,\"durationMs\":1}\n", Auto, "at most three decimals"},
		"sizes that differ":  {"{\"vcpus\":1,\"count\":3,\"durationsMs\":[1,2]}\n", Auto, "count is 3"},
		"an unknown column":  {"name,cpu_milli,speed\n", Auto, `line 1: column 3 is "speed"`},
		"a missing column":   {"name,cpu_milli\n", Auto, `there is no column "memory_mib"`},
		"a short record":     {podHeads + "a,1\n", Auto, "line 2"},
		"no number in a pod": {podHeads + "a,x,0,1,300,,LS,Running,10,70,20\n", Auto, `line 2: cpu_milli is "x"`},
		"an unknown format":  {"", "xml", `format is "xml"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Read(strings.NewReader(test.text), ReadOptions{Format: test.format})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got the error %v, want one with %q", err, test.want)
			}
		})
	}
}

func TestMilli(t *testing.T) {
	for text, want := range map[string]Milli{"0": 0, "1": 1000, "0.25": 250, "12.345": 12345, "3.5": 3500} {
		got, err := ParseMilli(text)
		if err != nil || got != want || got.String() != text {
			t.Errorf("%q is %d (%v) and written %q, want %d", text, got, err, got, want)
		}
	}
	for _, text := range []string{"", "-1", "1.", ".", "1.2345", "1e3", "x", "1.x", "99999999999999999999"} {
		if got, err := ParseMilli(text); err == nil {
			t.Errorf("%q was read as %s", text, got)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, text := range []string{smallSWF, smallPods, `{"vcpus":1,"durationMs":1}`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		w, err := Read(strings.NewReader(text), ReadOptions{})
		if err != nil {
			return
		}
		for i := range w.Jobs {
			if err := w.Jobs[i].check(); err != nil {
				t.Errorf("job %d was read, but %v", i, err)
			}
		}
	})
}
