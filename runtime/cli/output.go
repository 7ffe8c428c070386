package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
	"unicode/utf8"

	"golang.org/x/term"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
)

// printJSON prints a document for scripts.
func (r *root) printJSON(document any) error {
	text, err := json.MarshalIndent(document, "", "  ")
	if err != nil {
		return fmt.Errorf("printing JSON: %w", err)
	}
	_, err = fmt.Fprintln(r.stdout, wire.PrintableJSON(string(text)))
	return err
}

// columnGap is how far columns of a table are apart, minLast how wide the last one is left, if it has that much to say, and
// minCut how wide another one is left.
const (
	columnGap = 2
	minLast   = 12
	minCut    = 8
)

// fitted returns rows, the first being the heads, as a table of at most width has them: without as many of the columns in
// spare, in that order, as do not fit, then with the widest column but the first and the last cut, and then the last. Width 0
// fits everything.
func fitted(rows [][]string, width int, spare ...string) [][]string {
	if width == 0 {
		return rows
	}
	for _, head := range spare {
		wide, last := widths(rows)
		if wide+min(last, minLast) <= width {
			break
		}
		if at := slices.Index(rows[0], head); at >= 0 {
			rows = without(rows, at)
		}
	}
	rows = narrowed(rows, width)
	wide, _ := widths(rows)
	return cut(rows, len(rows[0])-1, max(width-wide, minLast))
}

// narrowed cuts the widest column that lies between the first and the last by as much as the table is too wide for its last.
func narrowed(rows [][]string, width int) [][]string {
	wide, last := widths(rows)
	excess := wide + min(last, minLast) - width
	if excess <= 0 {
		return rows
	}
	widest, at := 0, 0
	for column := 1; column < len(rows[0])-1; column++ {
		if room := columnWidth(rows, column); room > widest {
			widest, at = room, column
		}
	}
	if at == 0 {
		return rows // there is no such column
	}
	return cut(rows, at, max(widest-excess, minCut))
}

// cut returns rows with at most so many characters in a column.
func cut(rows [][]string, column, most int) [][]string {
	kept := make([][]string, len(rows))
	for i, row := range rows {
		kept[i] = slices.Clone(row)
		kept[i][column] = shortened(printable(row[column]), most)
	}
	return kept
}

// widths returns how much room all columns of a table but the last take with their gaps, and how much the last.
func widths(rows [][]string) (others, last int) {
	for column := range rows[0] {
		others, last = others+last, columnWidth(rows, column)
		if column < len(rows[0])-1 {
			last += columnGap
		}
	}
	return others, last
}

// columnWidth returns how many characters the widest cell of a column has.
func columnWidth(rows [][]string, column int) int {
	widest := 0
	for _, row := range rows {
		widest = max(widest, utf8.RuneCountInString(printable(row[column])))
	}
	return widest
}

func without(rows [][]string, column int) [][]string {
	kept := make([][]string, len(rows))
	for i, row := range rows {
		kept[i] = slices.Delete(slices.Clone(row), column, column+1)
	}
	return kept
}

// shortened returns at most so many characters of a text.
func shortened(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}

// terminalWidth returns how many characters a line of w has, 0 if w is not a terminal.
func terminalWidth(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return width
}

// table prints rows in columns, the first row being the heads; a cell is one line, see [printable].
func table(w io.Writer, rows [][]string) error {
	t := tabwriter.NewWriter(w, 0, 0, columnGap, ' ', 0)
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

// printable is how text of others is shown, see [wire.Printable].
func printable(text string) string { return wire.Printable(text) }

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
