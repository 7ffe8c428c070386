package postgres

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// connector makes connections of pgx whose texts may hold any bytes.
type connector struct{ driver.Connector }

func newConnector(config *pgx.ConnConfig) driver.Connector {
	return connector{stdlib.GetConnector(*config)}
}

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	made, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	pg, ok := made.(*stdlib.Conn)
	if !ok {
		_ = made.Close()
		return nil, fmt.Errorf("pgx made a connection of type %T", made)
	}
	return conn{pg}, nil
}

type conn struct{ *stdlib.Conn }

// CheckNamedValue implements [driver.NamedValueChecker]: it makes a text storable.
func (c conn) CheckNamedValue(v *driver.NamedValue) error {
	if text, ok := v.Value.(string); ok {
		v.Value = storable(text)
	}
	return c.Conn.CheckNamedValue(v)
}

// mark stands before each byte that is written as two digits. It is a code point that is no character, so texts have none.
const mark = "\U0010FFFF"

// storable returns text as a text of PostgreSQL, which holds neither NUL nor bytes that are not UTF-8: these are written in
// hexadecimal behind a mark. Different texts stay different. Nobody reads such a text back from its column; names in it are
// looked up, and what was named is in a document of JSON or in bytes.
func storable(text string) string {
	if utf8.ValidString(text) && !strings.Contains(text, "\x00") && !strings.Contains(text, mark) {
		return text
	}
	var out strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		if r == 0 || r == utf8.MaxRune || r == utf8.RuneError && size == 1 {
			for i := range size {
				fmt.Fprintf(&out, "%s%02x", mark, text[i])
			}
		} else {
			out.WriteString(text[:size])
		}
		text = text[size:]
	}
	return out.String()
}
