package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/bits"
	"strings"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

// session is one connection and the statements prepared on it. It serves one caller at
// a time.
type session struct {
	database   Database
	conn       *sql.Conn
	statements map[string]*sql.Stmt
	lists      map[listed]string // the texts of statements with lists
	origins    map[batch.JobID]origin
}

// listed is a statement that has a list of n keys.
type listed struct {
	text string
	n    int
}

// openSession opens a connection and prepares it by the function given, one of those of database.
func openSession(ctx context.Context, db *sql.DB, database Database, prepare func(context.Context, *sql.Conn) error) (*session, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	s := &session{database: database, conn: conn, statements: map[string]*sql.Stmt{}, lists: map[listed]string{}, origins: map[batch.JobID]origin{}}
	if err := prepare(ctx, conn); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *session) close() error {
	var errs []error
	for _, statement := range s.statements {
		errs = append(errs, statement.Close())
	}
	return errors.Join(append(errs, s.conn.Close())...)
}

func (s *session) statement(ctx context.Context, text string) (*sql.Stmt, error) {
	if statement, ok := s.statements[text]; ok {
		return statement, nil
	}
	statement, err := s.conn.PrepareContext(ctx, s.database.Statement(text))
	if err != nil {
		return nil, fmt.Errorf("prepare %q: %w", text, err)
	}
	s.statements[text] = statement
	return statement, nil
}

// exec runs a statement that answers no rows and returns how many rows it changed.
func (s *session) exec(ctx context.Context, text string, args ...any) (int64, error) {
	statement, err := s.statement(ctx, text)
	if err != nil {
		return 0, err
	}
	result, err := statement.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// errEnough is returned by the function given to each when it wants no more rows.
var errEnough = errors.New("enough")

// each calls scan for each row of a query.
func (s *session) each(ctx context.Context, text string, args []any, scan func(*sql.Rows) error) (err error) {
	statement, err := s.statement(ctx, text)
	if err != nil {
		return err
	}
	rows, err := statement.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := rows.Close(); err == nil {
			err = closeErr
		}
	}()
	for rows.Next() {
		if err := scan(rows); errors.Is(err, errEnough) {
			return nil
		} else if err != nil {
			return err
		}
	}
	return rows.Err()
}

// one scans the only row of a query; found is false if there is none.
func (s *session) one(ctx context.Context, text string, args []any, into ...any) (found bool, err error) {
	err = s.each(ctx, text, args, func(rows *sql.Rows) error {
		found = true
		return rows.Scan(into...)
	})
	return found, err
}

// eachIn runs a query whose %s is a list of keys, once for each chunk of keys. Lists are
// padded to a power of two with their last key, so that few statements are ever prepared.
func (s *session) eachIn(ctx context.Context, text string, keys []any, scan func(*sql.Rows) error) error {
	ctx = brief(ctx)
	for len(keys) > 0 {
		n := min(len(keys), keysPerQuery)
		chunk := append(make([]any, 0, keysPerQuery), keys[:n]...)
		for bits.OnesCount(uint(len(chunk))) > 1 {
			chunk = append(chunk, keys[n-1])
		}
		if err := s.each(ctx, s.withList(text, len(chunk)), chunk, scan); err != nil {
			return err
		}
		keys = keys[n:]
	}
	return nil
}

// withList returns the text of a statement with a list of n keys in place of its %s or %d. The list is a table, whose first row
// says what the keys are: a database may not know it otherwise.
func (s *session) withList(text string, n int) string {
	key := listed{text, n}
	whole, ok := s.lists[key]
	if !ok {
		place, kind := "%s", "TEXT"
		if !strings.Contains(text, place) {
			place, kind = "%d", "BIGINT"
		}
		whole = text
		if n == 1 {
			whole = strings.Replace(whole, "IN (VALUES "+place+")", "= ?", 1)
		}
		whole = strings.Replace(whole, place, "("+s.database.Key(kind)+")"+strings.Repeat(",(?)", n-1), 1)
		s.lists[key] = whole
	}
	return whole
}

// brief returns the context for a query that takes no time: what can be cancelled costs a goroutine for the query and one
// for each row.
func brief(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }

// inTransaction runs f between begin and COMMIT, or ROLLBACK if f fails.
func (s *session) inTransaction(ctx context.Context, begin string, f func(*session) error) error {
	whole := brief(ctx)
	if _, err := s.exec(whole, begin); err != nil {
		return err
	}
	err := f(s)
	if err == nil {
		_, err = s.exec(whole, "COMMIT")
	}
	if err != nil {
		// Some errors roll back by themselves; then this one has nothing to say.
		_, _ = s.exec(whole, "ROLLBACK")
	}
	return err
}
