package joblog

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// Series tells the writers of one directory apart: each has its own numbers of segments.
type Series int64

// The writers there are.
const (
	SeriesHolder     Series = iota // attempts that run as processes
	SeriesContainers               // attempts that run as containers
)

// seriesBits is where the series begins in a segment's number; numbers stay exact as JSON.
const seriesBits = 32

// seriesOf returns which series a segment belongs to.
func seriesOf(segment int64) Series { return Series(segment >> seriesBits) }

const segmentSuffix = ".log"

// segmentPath names a segment's file so that names sort as numbers do.
func segmentPath(dir string, segment int64) string {
	return filepath.Join(dir, fmt.Sprintf("%014d%s", segment, segmentSuffix))
}

// segments lists the numbers of the segments in dir, ascending. A missing directory has none.
func segments(dir string) ([]int64, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("listing log segments: %w", err)
	}
	var numbers []int64
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), segmentSuffix)
		if n, err := strconv.ParseInt(name, 10, 64); ok && err == nil {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	return numbers, nil
}

// A record is a header and its payload:
//
//	magic uint16 | length uint16 | tag uint64 | milliseconds int64 | payload
//
// little endian. What is left of a block when a record does not begin there is zero.
const (
	recordMagic = 0xB10C
	headerBytes = 20
	// maxPayload is what the block's size and the length field allow.
	maxPayload = blockBytes - headerBytes
)

// tagOf stands for an attempt in records.
func tagOf(attempt batch.AttemptID) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(attempt.String()))
	return h.Sum64()
}

func appendHeader(to []byte, length int, tag uint64, at batch.Time) []byte {
	to = binary.LittleEndian.AppendUint16(to, recordMagic)
	to = binary.LittleEndian.AppendUint16(to, uint16(length))
	to = binary.LittleEndian.AppendUint64(to, tag)
	return binary.LittleEndian.AppendUint64(to, uint64(at))
}

// record is one that was read.
type record struct {
	start   int64 // offset of the payload in its segment
	tag     uint64
	at      batch.Time
	payload []byte
}

// parseRecord reads the record at the start of b, which lies at offset in its segment. ok is
// false where there is none: the rest of a block, a torn end, damage.
func parseRecord(b []byte, offset int64) (r record, size int, ok bool) {
	if len(b) < headerBytes || binary.LittleEndian.Uint16(b) != recordMagic {
		return record{}, 0, false
	}
	length := int(binary.LittleEndian.Uint16(b[2:]))
	if length == 0 || headerBytes+length > len(b) {
		return record{}, 0, false
	}
	return record{
		start: offset + headerBytes, tag: binary.LittleEndian.Uint64(b[4:]),
		at: batch.Time(binary.LittleEndian.Uint64(b[12:])), payload: b[headerBytes : headerBytes+length],
	}, headerBytes + length, true
}

// layOut appends payload to block-aligned output that will lie at offset, cut where blocks end.
func layOut(to []byte, offset int64, tag uint64, at batch.Time, payload []byte) []byte {
	for len(payload) > 0 {
		room := blockBytes - int((offset+int64(len(to)))%blockBytes)
		if room <= headerBytes {
			to = append(to, make([]byte, room)...)
			continue
		}
		n := min(len(payload), room-headerBytes, maxPayload)
		to = append(appendHeader(to, n, tag, at), payload[:n]...)
		payload = payload[n:]
	}
	return to
}
