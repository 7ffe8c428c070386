package joblog

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// Prune deletes segments that were last written before the given moment, and then the oldest
// ones until the rest takes at most budget bytes (0: any amount). The newest segment of each series
// stays. It returns how many bytes it freed.
func Prune(dir string, before time.Time, budget int64) (freed int64, err error) {
	old, total, err := closedSegments(dir)
	if err != nil {
		return 0, err
	}
	for _, s := range old {
		expired := s.written.Before(before)
		if !expired && (budget <= 0 || total-freed <= budget) {
			continue
		}
		if err := os.Remove(s.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return freed, fmt.Errorf("deleting an old log segment: %w", err)
		}
		freed += s.size
	}
	return freed, nil
}

type closedSegment struct {
	path    string
	size    int64
	written time.Time
}

// closedSegments lists the segments that nobody writes to any more, and the size of all.
func closedSegments(dir string) (closed []closedSegment, total int64, err error) {
	numbers, err := segments(dir)
	if err != nil {
		return nil, 0, err
	}
	for i, n := range numbers {
		path := segmentPath(dir, n)
		info, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, 0, fmt.Errorf("listing log segments: %w", err)
		}
		total += info.Size()
		if newest := i+1 == len(numbers) || seriesOf(numbers[i+1]) != seriesOf(n); !newest {
			closed = append(closed, closedSegment{path, info.Size(), info.ModTime()})
		}
	}
	return closed, total, nil
}
