// Package why says why work that could be placed waits, and what would help.
//
// A [Question] is about the work of one queue; its answer is a [Code], which is stable, and a sentence with the figures of the
// moment. It reads the books of package fleet and changes nothing that decides.
// docs/guides/explain.md is the table of the codes for people.
package why
