// Package array keeps what is known of the children of an array that has not ended, and answers which of them wait, which may run and
// which must fail.
//
// A child has a row of its own only once something happens to it alone. Until then it is unborn: the row of the array says its
// status, which all unborn children share. So [Children] keeps two bits for each child (it has a row; it has succeeded) and the live
// children that have rows. The status of every child follows from these and from the row of the array.
//
// # Gates
//
// The children of a gated array wait one by one: each for the one before it (SEQUENTIAL), or for the one with its index in another array
// (N_TO_N). Nothing is kept for each of them. Whether one may run follows from which children of its own array and of the others have
// succeeded. For example, of a SEQUENTIAL array whose children 0 and 1 have succeeded, [Children.MetWord] returns the bits 0 to 2.
//
// The links are between arrays, which [Arrays] finds. No child waits for an array that has ended: if a child of it has failed, the child
// that waited for that one has failed, too.
//
// The package changes no row and decides nothing by itself. It knows a child as [Child] alone.
package array
