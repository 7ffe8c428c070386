// Package document makes the nouns of batch from the documents of clients. A document is what clients have asked of one noun in all their
// requests together, in the shape in which the noun is described, as JSON; a row keeps it beside the values that are made from it. Each
// noun has one function that makes a row from a document, and one that reads the document of a row. Nobody else interprets documents, so
// that a row and its document say the same.
//
// How a request changes a document is said in package wire: ApplyTo. What a row has beyond its document is the scheduler's.
package document
