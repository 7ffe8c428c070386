package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Tidy moves what is committed from the write-ahead log into the file, which waits for nobody. Only if the log is as
// long as the longest it may be, the little that was committed meanwhile is moved while commits are held back,
// because the log starts over only when all of it has been moved. Alone runs a function while nobody commits.
func (d *Database) Tidy(ctx context.Context, db *sql.DB, alone func(func() error) error) error {
	return d.tidy(ctx, db, alone, maxLogPages)
}

func (d *Database) tidy(ctx context.Context, db *sql.DB, alone func(func() error) error, longest int64) error {
	return d.files.write(&d.files.database, func() error { return d.checkpoint(ctx, db, alone, longest) })
}

func (d *Database) checkpoint(ctx context.Context, db *sql.DB, alone func(func() error) error, longest int64) (err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if err := run(ctx, conn, upkeepPragmas); err != nil {
		return err
	}
	pages, err := checkpoint(ctx, conn)
	if err != nil || pages < longest {
		return err
	}
	return alone(func() error {
		if _, err := checkpoint(ctx, conn); err != nil {
			return err
		}
		return d.Write(func() error { return vacuum(ctx, conn) })
	})
}

// checkpoint moves what it can without waiting and returns how many pages the log has.
func checkpoint(ctx context.Context, conn *sql.Conn) (pages int64, err error) {
	var busy, moved int64
	err = conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)").Scan(&busy, &pages, &moved)
	return pages, err
}

// vacuum gives a few unused pages back to the file system, if there are many.
func vacuum(ctx context.Context, conn *sql.Conn) error {
	var free int64
	if err := conn.QueryRowContext(ctx, "PRAGMA freelist_count").Scan(&free); err != nil || free < maxFreePages {
		return err
	}
	_, err := conn.ExecContext(ctx, fmt.Sprintf("PRAGMA incremental_vacuum(%d)", vacuumStep))
	return err
}
