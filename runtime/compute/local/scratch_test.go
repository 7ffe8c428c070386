//go:build linux || darwin

package local

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/compute"
)

// What a job may do to its directory, and to the one above. Whatever it does, the next attempt has an empty directory of its
// own, whose name no attempt had before, and what it finds there is not the other's.
func TestWhatAJobMayDoToItsDirectory(t *testing.T) {
	away := t.TempDir()
	for name, does := range map[string]string{
		"nothing":                     `:`,
		"leaves files":                `touch a .b; mkdir -p c/d`,
		"leaves a result":             `echo 666 > "$BATCH_RESULT_FILE"`,
		"publishes it by renaming it": `mv "$PWD" "$AWAY/published"`,
		"puts a link in its place":    `mv "$PWD" "$AWAY/moved"; ln -s /etc "$PWD"`,
		"puts another in its place":   `mv "$PWD" "$AWAY/other"; mkdir "$PWD"; touch "$PWD/planted"`,
		"removes it":                  `rm -rf "$PWD"`,
		"closes it":                   `chmod 0 "$PWD"`,
		"opens it to everybody":       `chmod 777 "$PWD"`,
		"links its result":            `ln -s /etc/passwd "$BATCH_RESULT_FILE"`,
		"removes the one above":       `cd /; rm -rf "${BATCH_RESULT_FILE%/*/*}"`,
		"moves the one above":         `mv "${BATCH_RESULT_FILE%/*/*}" "$AWAY/above"`,
		"leaves a writer": `setsid sh -c 'echo $$ > '$AWAY'/pid; while :; do echo 666 > "$BATCH_RESULT_FILE"; echo 666 > .batch-result.json; done' >/dev/null 2>&1 &
			while [ ! -s $AWAY/pid ]; do :; done`,
	} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t)
			first := b.output(b.code(b.sh(`pwd; AWAY=`+away+`; `+does), 0))
			for range 3 {
				e := b.code(b.sh(`pwd; ls -A; stat -c %a . 2>/dev/null || echo 700; touch mine; rm mine; pwd -P`), 0)
				lines := strings.Split(b.output(e), "\n")
				if len(lines) != 4 || lines[1] != "700" || lines[2] != lines[0] {
					t.Fatalf("the next attempt saw %q", lines)
				}
				if strings.HasPrefix(first, lines[0]+"\n") {
					t.Errorf("%s is used again", lines[0])
				}
				if e.Result != nil || e.ResultError != "" {
					t.Errorf("the next attempt has the result %q, %s", e.Result, e.ResultError)
				}
				first += lines[0] + "\n"
			}
		})
	}
}

// An attempt that could not be started has had its directory for a moment, and whatever was done to it may be the reason.
func TestDirectoryOfAFailedStartIsNotUsedAgain(t *testing.T) {
	b := newBed(t)
	scratch := filepath.Join(b.options.StateDir, "scratch")
	b.exit(b.sh("true", func(s *compute.Start) { s.Container.Command = []string{"/no/such/program"} }))
	left, err := os.ReadDir(scratch)
	if err != nil || len(left) != 1 {
		t.Fatalf("there are %v, %v", left, err)
	}
	b.code(b.sh("true"), 0)
	if now, err := os.ReadDir(scratch); err != nil || len(now) != 2 {
		t.Errorf("there are %v, %v", now, err)
	}
}
