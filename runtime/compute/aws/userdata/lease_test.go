package userdata

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// instance is what an instance meets: its metadata, SSM, ECS and the agent.
type instance struct {
	mu       sync.Mutex
	lease    string // what the parameter holds; empty: SSM is away
	reads    int
	busy     int // how often the agent will say that a task runs
	drained  bool
	unsigned bool
}

func (i *instance) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	switch target := r.Header.Get("X-Amz-Target"); {
	case r.URL.Path == "/latest/api/token":
		fmt.Fprint(w, "session")
	case strings.HasSuffix(r.URL.Path, "/security-credentials/"):
		fmt.Fprint(w, "role")
	case strings.HasSuffix(r.URL.Path, "/security-credentials/role"):
		fmt.Fprint(w, "{\n  \"Code\" : \"Success\",\n  \"AccessKeyId\" : \"ASIAEXAMPLE\",\n  \"SecretAccessKey\" : \"se/cr+et\",\n  \"Token\" : \"tok==\"\n}")
	case target == "AmazonSSM.GetParameter":
		i.reads++
		i.unsigned = i.unsigned || !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential=ASIAEXAMPLE/") || r.Header.Get("X-Amz-Security-Token") != "tok=="
		if i.lease == "" {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		fmt.Fprintf(w, `{"Parameter":{"Name":"/batchd/i-1/lease","Type":"String","Value":"%s","Version":3}}`, i.lease)
	case strings.HasSuffix(target, "UpdateContainerInstancesState"):
		body := make([]byte, 1000)
		n, _ := r.Body.Read(body)
		i.drained = strings.Contains(string(body[:n]), `"containerInstances":["arn:aws:ecs:eu-central-1:1:container-instance/c/1"],"status":"DRAINING"`)
	case r.URL.Path == "/v1/metadata":
		fmt.Fprint(w, `{"Cluster":"c","ContainerInstanceArn":"arn:aws:ecs:eu-central-1:1:container-instance/c/1","Version":"v"}`)
	case r.URL.Path == "/v1/tasks":
		if i.busy--; i.busy >= 0 {
			fmt.Fprint(w, `{"Tasks":[{"Arn":"a","KnownStatus":"RUNNING"}]}`)
			return
		}
		fmt.Fprint(w, `{"Tasks":[{"Arn":"a","KnownStatus":"STOPPED"}]}`)
	}
}

// boot runs the watch on an instance. The function that it returns waits for the end of the watch and reports whether it powered the instance off.
func boot(t *testing.T, i *instance, kept string, limit, tasks int) (off func() bool) {
	t.Helper()
	for _, program := range []string{"sh", "curl", "sed"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip("the watch of an instance is a shell script that needs ", program)
		}
	}
	server := httptest.NewServer(i)
	t.Cleanup(server.Close)
	dir := t.TempDir()
	state, mark := filepath.Join(dir, "state"), filepath.Join(dir, "off")
	if kept != "" {
		if err := os.WriteFile(state, []byte(kept+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	head := fmt.Sprintf("parameter=/batchd/i-1/lease\nregion=eu-central-1\nlimit=%d\ntasks=%d\npoll=0.05\nlook=0.05\n", limit, tasks)
	command := exec.CommandContext(t.Context(), "sh", "-c", head+watch)
	command.Env = append(os.Environ(), "BATCHD_METADATA="+server.URL, "BATCHD_SSM="+server.URL, "BATCHD_ECS="+server.URL, "BATCHD_AGENT="+server.URL,
		"BATCHD_STATE="+state, "BATCHD_POWEROFF=touch "+mark)
	command.WaitDelay = time.Second
	var output strings.Builder
	command.Stderr = &output
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	return func() bool {
		err := command.Wait()
		_, missing := os.Stat(mark)
		if missing != nil {
			t.Logf("the watch ended with %v: %s", err, output.String())
		}
		return missing == nil
	}
}

func at(d time.Duration) string { return Value(time.Now().Add(d)) }

func TestALeaseThatHasLapsedPowersTheInstanceOffWhenItsTasksHaveEnded(t *testing.T) {
	i := &instance{lease: at(-time.Second), busy: 3}
	if off := boot(t, i, at(time.Hour), 3600, 3600); !off() {
		t.Error("the instance goes on")
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if !i.drained {
		t.Error("ECS was not asked to drain the instance")
	}
	if i.busy >= 0 {
		t.Error("the instance powered off while a task ran")
	}
	if i.unsigned {
		t.Error("the lease was read without a signature of the instance's role")
	}
}

func TestTasksThatDoNotEndAreNotWaitedForWithoutEnd(t *testing.T) {
	i := &instance{lease: at(-time.Hour), busy: 1 << 30}
	if off := boot(t, i, "", 3600, 1800); !off() {
		t.Error("the instance goes on")
	}
}

func TestALeaseThatIsRenewedKeepsTheInstance(t *testing.T) {
	i := &instance{lease: at(time.Hour)}
	off := boot(t, i, at(-time.Second), 0, 0) // what was read before has lapsed
	i.reaches(t, 3)
	i.mu.Lock()
	i.lease = at(-time.Second)
	i.mu.Unlock()
	if !off() {
		t.Error("the instance goes on after its lease has lapsed")
	}
}

func TestLosingSSMIsNoLapseBeforeTheLimit(t *testing.T) {
	for name, kept := range map[string]string{"the lease was read before": at(time.Hour), "the instance is new": ""} {
		t.Run(name, func(t *testing.T) {
			i := &instance{}
			off := boot(t, i, kept, 3600, 0)
			i.reaches(t, 3)
			i.mu.Lock()
			i.lease = at(-time.Second)
			i.mu.Unlock()
			if !off() {
				t.Error("the instance goes on after its lease has lapsed")
			}
		})
	}
	i := &instance{}
	if off := boot(t, i, at(-time.Second), 3600, 0); !off() {
		t.Error("an instance that cannot read its lease goes on after the limit")
	}
}

// reaches waits until the lease was asked for n times.
func (i *instance) reaches(t *testing.T, n int) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for range tick.C {
		i.mu.Lock()
		reads := i.reads
		i.mu.Unlock()
		if reads >= n {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the lease was read %d times, want %d", reads, n)
		}
	}
}
