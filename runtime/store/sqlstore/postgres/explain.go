package postgres

import (
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// The codes of errors that have a meaning here; PostgreSQL, "Appendix A. PostgreSQL Error Codes".
const (
	diskFull        = "53100"
	dataCorrupted   = "XX001"
	indexCorrupted  = "XX002"
	noDatabase      = "3D000"
	noPrivilege     = "42501"
	invalidPassword = "28P01"
)

// Explain adds the sentinel that err means, and what to do about it.
func (d *Database) Explain(err error) error {
	var failure *pgconn.PgError
	if !errors.As(err, &failure) {
		return err
	}
	switch failure.Code {
	case diskFull:
		return fmt.Errorf("%w: %w; make room on the server's disk", store.ErrFull, err)
	case dataCorrupted, indexCorrupted:
		return fmt.Errorf("%w: %w; stop batchd and restore the database from a backup", store.ErrCorrupt, err)
	case noDatabase:
		return fmt.Errorf("%w; make it with CREATE DATABASE, in the encoding UTF8", err)
	case noPrivilege:
		return fmt.Errorf("%w; the user needs the privilege CREATE on the schema, or must own its tables", err)
	case invalidPassword:
		return fmt.Errorf("%w; give the password in the URL, in PGPASSWORD or in the file that PGPASSFILE names", err)
	}
	return err
}
