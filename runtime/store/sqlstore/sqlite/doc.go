// Package sqlite is SQLite as a database of sqlstore: its schema, its settings, its files and their upkeep. It needs no
// cgo. One process at a time may use a file; the lock of the state directory sees to that.
package sqlite
