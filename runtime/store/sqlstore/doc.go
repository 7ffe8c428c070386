// Package sqlstore keeps the rows of a runtime in a SQL database. [Store] implements
// store.Store on SQLite; the statements are plain SQL in one place, and what is special
// to SQLite is in dialect.go, so that another database can take its seat. It decides
// nothing and knows no rule of the service.
package sqlstore
