// Package sqlstore keeps the rows of a runtime in a SQL database. It decides nothing and knows no rule of the service.
//
// [Store] implements store.Store. What SQLite and PostgreSQL have of their own is behind [Database], in the packages sqlite
// and postgres; everything here is the same for both. The files, in the order in which to read them:
//
//	database.go        what a kind of database provides
//	statements.go      every statement, in SQL that all databases understand
//	migrate.go         the version of the schema
//	sqlstore.go        open, commit, close, and transactions that read
//	epoch.go           one writer at a time, and how long what is remembered may be used
//	session.go         a connection and its prepared statements
//	key.go, part.go    how jobs, children and nodes are named by numbers
//	codec.go, packed.go, points.go, translog.go    rows that are packed into bytes
//	commit.go, commit_log.go                       a delta becomes rows
//	load.go, query_*.go                            rows become what is asked for
//	view.go            who reads: each answer by itself, or together
//	recent.go, origin.go, tokens.go                what is remembered
//	upkeep.go, prune.go                            what is forgotten
//	limits.go                                      every limit
package sqlstore
