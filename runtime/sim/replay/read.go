package replay

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Format is how a workload is written down.
type Format string

// The formats.
const (
	Auto  Format = "auto"  // told from the first line
	SWF   Format = "swf"   // Standard Workload Format
	Openb Format = "openb" // pods of the openb traces, CSV
	Lines Format = "jsonl" // one [Job] per line
)

// Formats lists the formats.
func Formats() []Format { return []Format{Auto, SWF, Openb, Lines} }

// ReadOptions say what a log leaves open.
type ReadOptions struct {
	Format Format // empty: Auto
	// MemoryPerProcessor is in MiB, for logs without memory; 0: DefaultMemoryPerProcessor.
	MemoryPerProcessor int64
}

// Read reads a workload, plain or gzip.
func Read(r io.Reader, o ReadOptions) (*Workload, error) {
	plain, err := unpack(r)
	if err != nil {
		return nil, err
	}
	if o.Format == Auto || o.Format == "" {
		o.Format = guess(plain)
	}
	if o.MemoryPerProcessor == 0 {
		o.MemoryPerProcessor = DefaultMemoryPerProcessor
	}
	if o.MemoryPerProcessor < 0 || o.MemoryPerProcessor > maxAmount {
		return nil, fmt.Errorf("memory per processor is %d MiB; 1 to %d are allowed", o.MemoryPerProcessor, maxAmount)
	}
	w := &Workload{}
	switch o.Format {
	case SWF:
		err = w.readSWF(plain, o)
	case Openb:
		err = w.readPods(plain)
	case Lines:
		err = w.readLines(plain)
	case Auto:
		err = errors.New("the first line is neither of the Standard Workload Format, nor the heads of openb's pods, nor a JSON object; say which with a format of swf, openb or jsonl")
	default:
		err = fmt.Errorf("format is %q; auto, swf, openb and jsonl are allowed", o.Format)
	}
	if err != nil {
		return nil, err
	}
	return w, w.Finish()
}

// unpack returns what r holds, decompressed if it is gzip.
func unpack(r io.Reader) (*bufio.Reader, error) {
	const look = 64 << 10
	plain := bufio.NewReaderSize(r, look)
	if magic, _ := plain.Peek(2); !bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		return plain, nil
	}
	z, err := gzip.NewReader(plain)
	if err != nil {
		return nil, fmt.Errorf("gzip: %w", err)
	}
	return bufio.NewReaderSize(z, look), nil
}

// guess tells the format from the first line that says something; Auto if it cannot.
func guess(r *bufio.Reader) Format {
	head, _ := r.Peek(r.Size())
	for line := range strings.Lines(string(head)) {
		line = strings.TrimSpace(line)
		switch fields := strings.Fields(line); {
		case line == "":
			continue
		case line[0] == ';', len(fields) == swfColumns && strings.Trim(line, "-.0123456789 \t") == "":
			return SWF
		case line[0] == '{':
			return Lines
		case strings.Contains(line, "cpu_milli"):
			return Openb
		default:
			return Auto
		}
	}
	return Lines // an empty workload, which says so itself
}

// eachLine calls do with every line and its number, from 1. An error of do is told with the number.
func eachLine(r io.Reader, do func(line string) error) error {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 64<<10), maxLineBytes)
	n := 0
	for s.Scan() {
		n++
		if err := do(strings.TrimSpace(s.Text())); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
	if err := s.Err(); err != nil {
		return fmt.Errorf("line %d: %w", n+1, err)
	}
	return nil
}

// names keeps one copy of each string, so that a log is not held in memory by the names cut from it.
type names map[string]string

func (n names) get(name string) string {
	if kept, ok := n[name]; ok {
		return kept
	}
	kept := strings.Clone(name)
	n[kept] = kept
	return kept
}
