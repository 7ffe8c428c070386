package sqlstore

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// codec writes or reads one packed row: fields in ascending order of their tags, without
// those that are what the reader would assume anyway (their base). One list of calls
// does both directions, so the two cannot differ. A tag, once released, keeps its
// meaning; a new field takes a tag above all others of its row and comes last.
type codec struct {
	writing bool
	data    []byte // what is written so far, or what is left to read
	err     error  // the first
	words   words  // those known when reading
}

// words are texts that many rows have in common, so that rows that are read together share them. A nil one knows none.
type words map[string]string

func (w words) of(text []byte) string {
	if known, ok := w[string(text)]; ok {
		return known
	}
	word := string(text)
	if w != nil {
		if len(w) >= maxWords {
			clear(w)
		}
		w[word] = word
	}
	return word
}

func (c *codec) fail(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf("%w: packed row: %s", store.ErrCorrupt, fmt.Sprintf(format, args...))
	}
	c.data = nil
}

// take consumes the tag if it is the next one.
func (c *codec) take(tag byte) bool {
	if len(c.data) == 0 || c.data[0] != tag {
		return false
	}
	c.data = c.data[1:]
	return true
}

// finish reports the first error; a row must have been read whole.
func (c *codec) finish() error {
	if !c.writing && c.err == nil && len(c.data) > 0 {
		c.fail("unknown field %d", c.data[0])
	}
	return c.err
}

func (c *codec) readNumber() int64 {
	v, n := binary.Varint(c.data)
	if n <= 0 {
		c.fail("a number is cut off")
		return 0
	}
	c.data = c.data[n:]
	return v
}

func (c *codec) readBytes() []byte {
	length, n := binary.Uvarint(c.data)
	if n <= 0 || length > uint64(len(c.data)-n) {
		c.fail("a text is cut off")
		return nil
	}
	text := c.data[n : n+int(length)]
	c.data = c.data[n+int(length):]
	return text
}

func (c *codec) writeText(v string) {
	c.data = append(binary.AppendUvarint(c.data, uint64(len(v))), v...)
}

func number[T ~int32 | ~int64 | ~uint8](c *codec, tag byte, v *T, base T) {
	switch {
	case !c.writing && c.take(tag):
		*v = T(c.readNumber())
	case !c.writing:
		*v = base
	case *v != base:
		c.data = binary.AppendVarint(append(c.data, tag), int64(*v))
	}
}

func text[T ~string](c *codec, tag byte, v *T, base T) {
	switch {
	case !c.writing && c.take(tag):
		*v = T(c.readBytes())
	case !c.writing:
		*v = base
	case *v != base:
		c.data = append(c.data, tag)
		c.writeText(string(*v))
	}
}

// word is a text that many rows have in common.
func (c *codec) word(tag byte, v *string, base string) {
	if !c.writing && c.take(tag) {
		*v = c.words.of(c.readBytes())
		return
	}
	text(c, tag, v, base)
}

// flag is written as its tag alone. Its base is always false.
func (c *codec) flag(tag byte, v *bool) {
	switch {
	case !c.writing:
		*v = c.take(tag)
	case *v:
		c.data = append(c.data, tag)
	}
}

// present handles a pointer: it is false if there is nothing to write or read behind it.
func present[T any](c *codec, tag byte, v **T) bool {
	there := *v != nil
	c.flag(tag, &there)
	switch {
	case !there:
		*v = nil
	case !c.writing:
		*v = new(T)
	}
	return there
}

// hexText is a text that usually is lower-case hexadecimal, which takes half the room;
// any other goes under the next tag as it is.
func (c *codec) hexText(tag byte, v *string) {
	if !c.writing {
		if c.take(tag) {
			*v = hex.EncodeToString(c.readBytes())
			return
		}
		text(c, tag+1, v, "")
		return
	}
	if raw, err := hex.DecodeString(*v); err == nil && len(raw) > 0 && hex.EncodeToString(raw) == *v {
		c.data = append(c.data, tag)
		c.writeText(string(raw))
		return
	}
	text(c, tag+1, v, "")
}

// list is a slice that is nearly always empty, kept as JSON.
func list[T any](c *codec, tag byte, v *[]T) {
	if !c.writing {
		*v = nil
	}
	asJSON(c, tag, v, len(*v) > 0)
}

// object is a pointer that is nearly always nil, kept as JSON.
func object[T any](c *codec, tag byte, v **T) {
	if !c.writing {
		*v = nil
	}
	asJSON(c, tag, v, *v != nil)
}

// asJSON reads or writes v; when there is nothing to read, v stays as it is.
func asJSON[T any](c *codec, tag byte, v *T, there bool) {
	switch {
	case !c.writing && c.take(tag):
		if raw := c.readBytes(); c.err == nil {
			if err := json.Unmarshal(raw, v); err != nil {
				c.fail("field %d: %v", tag, err)
			}
		}
	case c.writing && there:
		raw, err := json.Marshal(v)
		if err != nil {
			c.fail("field %d: %v", tag, err)
			return
		}
		c.data = append(c.data, tag)
		c.writeText(string(raw))
	}
}
