package docker

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/mount"
	"pgregory.net/rapid"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/compute"
	"github.com/batchd/terraform-provider-batch/runtime/compute/local"
)

var _ local.ContainerRunner = (*Runner)(nil)

func TestConfig(t *testing.T) {
	swap := int64(64)
	s := compute.Start{
		Environment: []string{"A=1", "NVIDIA_VISIBLE_DEVICES=2,3"},
		Container: batch.Container{
			Image: "i", Command: []string{"c", "d"}, User: "u", Privileged: true, ReadOnlyRoot: true, Init: true,
			Shape: batch.Shape{MilliCPU: 1500, MemoryMiB: 256, GPUs: 2}, MaxSwapMiB: &swap, SharedMemoryMiB: 32,
			Mounts:  []batch.Mount{{Source: "/a", Target: "/b"}, {Source: "/c", Target: "/d", ReadOnly: true}, {Target: "/e"}},
			Ulimits: []batch.Ulimit{{Name: "nofile", Soft: 1, Hard: 2}},
			Tmpfs:   []batch.Tmpfs{{Path: "/t", SizeMiB: 8, Options: []string{"exec"}}},
		},
	}
	c, h := containerConfig(s, rootResult, map[string]string{"l": "v"}), hostConfig(s)
	for _, check := range []struct{ what, got, want any }{
		{"env", c.Env, []string{"A=1", "NVIDIA_VISIBLE_DEVICES=2,3", "BATCH_RESULT_FILE=" + rootResult}},
		{"command", []string(c.Cmd), []string{"c", "d"}},
		{"entrypoint", []string(c.Entrypoint), []string(nil)},
		{"user", c.User, "u"},
		{"binds", h.Binds, []string{"/a:/b", "/c:/d:ro"}},
		{"volumes", h.Mounts, []mount.Mount{{Type: mount.TypeVolume, Target: "/e"}}},
		{"tmpfs", h.Tmpfs, map[string]string{"/t": "size=8m,exec"}},
		{"shm", h.ShmSize, int64(32 << 20)},
		{"shares", h.CPUShares, int64(1536)},
		{"memory", h.Memory, int64(256 << 20)},
		{"swap", h.MemorySwap, int64(320 << 20)},
		{"gpus", h.DeviceRequests[0].DeviceIDs, []string{"2", "3"}},
		{"ulimit", *h.Ulimits[0], container.Ulimit{Name: "nofile", Soft: 1, Hard: 2}},
		{"privileged", h.Privileged && h.ReadonlyRootfs && *h.Init, true},
		{"network", string(h.NetworkMode), "host"},
	} {
		if !reflect.DeepEqual(check.got, check.want) {
			t.Errorf("%s: %#v, want %#v", check.what, check.got, check.want)
		}
	}
}

func TestConfigOfLittle(t *testing.T) {
	s := compute.Start{Container: batch.Container{Image: "i", Script: "echo"}}
	c, h := containerConfig(s, sharedResult, nil), hostConfig(s)
	if got := fmt.Sprint(c.Entrypoint, c.Cmd); got != "[/bin/sh /batchd/script] []" {
		t.Errorf("script without a first line: %s", got)
	}
	if h.Memory != 0 || h.CPUShares != 0 || h.Init != nil || h.DeviceRequests != nil {
		t.Errorf("limits nobody asked for: %+v", h)
	}
	if got := cpuShares(1); got != minCPUShares {
		t.Errorf("shares of a thousandth: %d", got)
	}
	if got := gpus(1, []string{"NVIDIA_VISIBLE_DEVICES=all"}); got.Count != 1 || got.DeviceIDs != nil {
		t.Errorf("gpus: %+v", got)
	}
}

func TestIdentityComesBack(t *testing.T) {
	want := identity{
		attempt: batch.AttemptID{Job: "0b0f8c1e-0000-4000-8000-000000000000:17", Number: 3}, lane: "e/1", definition: "d:1", baseKey: "k",
		stopGrace: 1500 * time.Millisecond, log: batch.LogPosition{Segment: 1<<32 + 5, Offset: 77}, imageDigest: "sha256:1", result: rootResult,
	}
	got, err := parseIdentity(want.labels("i"))
	if err != nil || got != want {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
	for _, label := range []string{labelAttempt, labelStopGrace, labelLog} {
		labels := want.labels("i")
		labels[label] = "x"
		if _, err := parseIdentity(labels); err == nil || !strings.Contains(err.Error(), label) {
			t.Errorf("%s=x: %v", label, err)
		}
	}
	node := batch.AttemptID{Job: "0b0f8c1e-0000-4000-8000-000000000000#17", Number: 3}
	if name := containerName("i", node); !strings.HasPrefix(name, "batchd-0b0f8c1e-17-3-") || name == containerName("i", want.attempt) {
		t.Errorf("name of a node: %s", name)
	}
	name := containerName("i", want.attempt)
	if !strings.HasPrefix(name, "batchd-0b0f8c1e-17-3-") || name == containerName("j", want.attempt) {
		t.Errorf("name %s", name)
	}
}

func TestDigestOf(t *testing.T) {
	digests := []string{"quay.io/b/c@sha256:2", "busybox@sha256:1"}
	for _, c := range []struct {
		name    string
		digests []string
		want    string
	}{
		{"busybox:1", nil, "sha256:id"},
		{"busybox:1", digests, "sha256:1"},
		{"quay.io/b/c", digests, "sha256:2"},
		{"quay.io/b/c@sha256:2", digests, "sha256:2"},
		{"busybox2", digests, "sha256:1"},
	} {
		if got := digestOf(c.name, c.digests, "sha256:id"); got != c.want {
			t.Errorf("%s of %v: %s, want %s", c.name, c.digests, got, c.want)
		}
	}
}

func frameOf(at time.Time, text string) []byte {
	payload := at.UTC().Format("2006-01-02T15:04:05.000000000Z") + " " + text
	return append(binary.BigEndian.AppendUint32([]byte{1, 0, 0, 0}, uint32(len(payload))), payload...)
}

func TestReadFrame(t *testing.T) {
	at := time.Unix(1700000000, 123456789)
	full := strings.Repeat("x", maxFrameBytes)
	var stream bytes.Buffer
	for _, text := range []string{"line\n", "no end", "", "\n", full, "rest of it\n"} {
		stream.Write(frameOf(at, text))
	}
	stream.Write([]byte{1, 0, 0, 0, 0, 0, 0, 9, 'x'}) // torn
	var buffer []byte
	for _, want := range []string{"line\n", "no end\n", "\n", "\n", full, "rest of it\n"} {
		got, err := readFrame(&stream, &buffer)
		if err != nil || got.at != batch.At(at) || string(got.text) != want || got.open != (want == full) {
			t.Errorf("%d %.20q, open: %t, %v, want %.20q", got.at, got.text, got.open, err, want)
		}
	}
	if _, err := readFrame(&stream, &buffer); err == nil {
		t.Error("a torn frame was read")
	}
}

// A line of one stream is not made part of a long line of the other that the daemon gives in several parts.
func TestLinesOfTwoStreamsStayApart(t *testing.T) {
	first, second := time.UnixMilli(1700000000000), time.UnixMilli(1700000000001)
	full := strings.Repeat("x", maxFrameBytes)
	var stream bytes.Buffer
	for _, f := range []struct {
		stream byte
		at     time.Time
		text   string
	}{{1, first, full}, {1, first, full}, {2, second, "error\n"}, {1, second, "end\n"}, {2, second, "more\n"}} {
		text := frameOf(f.at, f.text)
		text[0] = f.stream
		stream.Write(text)
	}
	var all string
	at := map[batch.Time]int{}
	err := readFrames(&stream, func(moment batch.Time, text []byte) {
		all += string(text)
		at[moment] += len(text)
	})
	if want := full + full + "\nerror\nend\nmore\n"; err != nil || all != want {
		t.Errorf("read %d bytes that end in %q (%v), want %d that end in %q", len(all), all[max(0, len(all)-20):], err, len(want), want[len(want)-20:])
	}
	if at[batch.At(first)] != 2*maxFrameBytes+1 {
		t.Errorf("%d bytes are of the first moment: the newline belongs to the part before it", at[batch.At(first)])
	}
}

// TestReplay checks that, wherever reading breaks off, what is recorded and what is replayed make the whole.
func TestReplay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type said struct {
			at   batch.Time
			text string
		}
		var all []said
		clock := batch.Time(1_000_000)
		for range rapid.IntRange(1, 60).Draw(t, "lines") {
			clock += batch.Time(rapid.IntRange(0, 700).Draw(t, "pass"))
			back := batch.Time(rapid.IntRange(0, 5).Draw(t, "back"))
			all = append(all, said{clock - back, strings.Repeat("y", rapid.IntRange(0, 3).Draw(t, "length")) + "\n"})
		}
		var log, whole string
		var end recent
		for i := 0; i < len(all); {
			from := end.replay()
			read := rapid.IntRange(1, len(all)).Draw(t, "until")
			for j, s := range all {
				if s.at < from.at || j >= read {
					continue
				}
				if text := from.rest([]byte(s.text)); len(text) > 0 {
					log += string(text)
					end.add(s.at, len(text))
				}
			}
			i = max(i, read)
		}
		for _, s := range all {
			whole += s.text
		}
		if log != whole {
			t.Fatalf("log %q, said %q", log, whole)
		}
	})
}

func TestSince(t *testing.T) {
	if got := (replay{at: 1700000000007}).since(); got != "1700000000.007" {
		t.Error(got)
	}
	if got := (replay{}).since(); got != "" {
		t.Error(got)
	}
}
