package catalogue

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
	"github.com/batchd/terraform-provider-batch/runtime/durable"
)

// Source reads the types of a region. The error of one that read only some of it comes with what it read.
type Source func(ctx context.Context) ([]Type, error)

// Catalogue is what is known of the types of one account and region. Its methods may be called at the same time.
type Catalogue struct {
	path   string // of the file; empty: nothing is kept
	source Source
	logger *slog.Logger

	reading sync.Mutex // held while the source is read, so that it is read once
	mu      sync.Mutex
	kept    kept
	retryAt time.Time
}

// kept is what the file holds.
type kept struct {
	At     time.Time        // when the types were read
	Types  []Type           // empty: never read
	Memory map[string]int64 // by type, in MiB, as instances registered it
}

// Open returns the catalogue that a file keeps. A file that is not there or cannot be read is an empty one: what it holds can be read again.
func Open(path string, source Source, logger *slog.Logger) *Catalogue {
	c := &Catalogue{path: path, source: source, logger: logger}
	if content, err := os.ReadFile(path); err == nil {
		if err := json.Unmarshal(content, &c.kept); err != nil {
			logger.Warn("the file of instance types is not used", "path", path, "error", err)
			c.kept = kept{}
		}
	}
	if c.kept.Memory == nil {
		c.kept.Memory = map[string]int64{}
	}
	return c
}

// Offers returns what an environment can have launched. Types and prices may be [maxAge] old, and older if the account cannot be
// asked; if it never could, they are those of the table of families. An error says what is wrong with what the environment asks for.
func (c *Catalogue) Offers(ctx context.Context, w Wanted) (Selection, error) {
	types := c.types(ctx)
	return offers(types, w, c.memory)
}

// types returns all types, read anew if they are old.
func (c *Catalogue) types(ctx context.Context) []Type {
	c.reading.Lock()
	defer c.reading.Unlock()
	if types, fresh := c.known(); fresh {
		return types
	}
	types, err := c.source(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		c.logger.Warn("instance types and prices are not those of now", "error", err)
		c.retryAt = time.Now().Add(retryAfter)
	}
	if len(types) > 0 {
		c.kept.Types = types
		if err == nil {
			c.kept.At = time.Now()
		}
		c.save()
	}
	if len(c.kept.Types) == 0 {
		return Fallback()
	}
	return c.kept.Types
}

// known returns the types that are known, and whether they need not be read.
func (c *Catalogue) known() (types []Type, fresh bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	types = c.kept.Types
	if len(types) == 0 {
		types = Fallback()
	}
	return types, time.Since(c.kept.At) < maxAge || time.Now().Before(c.retryAt)
}

// Stale reports whether the next call of Offers asks the account.
func (c *Catalogue) Stale() bool {
	_, fresh := c.known()
	return !fresh
}

// Learn notes how much memory an instance of a type registered, in MiB. It reports whether that is news.
func (c *Catalogue) Learn(typ string, memoryMiB int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept.Memory[typ] == memoryMiB || memoryMiB <= 0 {
		return false
	}
	c.kept.Memory[typ] = memoryMiB
	c.save()
	return true
}

// memory is how much of it an instance of t is expected to register, in MiB.
func (c *Catalogue) memory(t *Type) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if learnt, ok := c.kept.Memory[t.Name]; ok {
		return learnt
	}
	return t.MemoryMiB*guessedPerMille/1000 - guessedLess
}

// Of returns what is known of a type, without asking the account.
func (c *Catalogue) Of(name string) (Type, bool) {
	types, _ := c.known()
	for i := range types {
		if types[i].Name == name {
			return types[i], true
		}
	}
	return Type{}, false
}

// Offer describes a host of a type in a zone, for one that was not launched by an offer that is still made.
func (c *Catalogue) Offer(pool batch.Pool) (batch.Offer, bool) {
	t, ok := c.Of(pool.Type)
	if !ok {
		return batch.Offer{Pool: pool}, false
	}
	price, _ := t.price(pool.Zone, &Wanted{Market: pool.Market})
	shape := batch.Shape{MilliCPU: 1000 * t.VCPUs, MemoryMiB: c.memory(&t), GPUs: t.GPUs}
	return batch.Offer{Pool: pool, Shape: shape, MicroUSDPerHour: price, OnDemand: t.MicroUSD}, true
}

// save writes the file. What cannot be written is known until the end of the program.
func (c *Catalogue) save() {
	if c.path == "" {
		return
	}
	content, err := json.Marshal(kept{At: c.kept.At, Types: c.kept.Types, Memory: maps.Clone(c.kept.Memory)})
	if err == nil {
		if err = os.MkdirAll(filepath.Dir(c.path), 0o700); err == nil {
			err = durable.Replace(c.path, content)
		}
	}
	if err != nil {
		c.logger.Warn("instance types are not kept", "error", fmt.Errorf("writing %s: %w", c.path, err))
	}
}
