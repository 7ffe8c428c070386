package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"golang.org/x/term"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// printJSON prints a document for scripts.
func (r *root) printJSON(document any) error {
	text, err := json.MarshalIndent(document, "", "  ")
	if err != nil {
		return fmt.Errorf("printing JSON: %w", err)
	}
	_, err = fmt.Fprintf(r.stdout, "%s\n", text)
	return err
}

// table prints rows in columns, the first row being the heads; a cell is one line, see [printable].
func table(w io.Writer, rows [][]string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = printable(cell)
		}
		if _, err := fmt.Fprintln(t, strings.Join(cells, "\t")); err != nil {
			return err
		}
	}
	return t.Flush()
}

// printable writes control characters as Go does, \n for one: what others wrote (reasons, commands, parameters) stays on its
// line and in its column, and does not steer the terminal.
func printable(text string) string {
	if !strings.ContainsFunc(text, unicode.IsControl) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if unicode.IsControl(r) {
			quoted := strconv.QuoteRune(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// isTerminal reports whether w is one.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// moment prints a time in milliseconds, or "-".
func moment(ms int64) string {
	if ms == 0 {
		return "-"
	}
	return time.UnixMilli(ms).Format("2006-01-02 15:04:05")
}

// span prints how long something took, "-" if it has not begun.
func span(from, to int64) string {
	switch {
	case from == 0:
		return "-"
	case to == 0:
		to = time.Now().UnixMilli()
	}
	d := time.Duration(to-from) * time.Millisecond
	if d < 10*time.Second {
		return d.Round(time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}

// ran prints how long a job has run. One that waits for its next attempt has begun and not stopped, and does not run.
func ran(status string, from, to int64) string {
	if to == 0 && status != wire.StatusRunning {
		return "-"
	}
	return span(from, to)
}

func code(c *int32) string {
	if c == nil {
		return "-"
	}
	return fmt.Sprint(*c)
}

// dash stands for nothing in a table.
func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
