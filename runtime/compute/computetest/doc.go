// Package computetest says how a driver must behave: a conformance suite that every driver passes
// ([Run]), and a driver over a world in memory that passes it too ([NewFake]) and that tests of
// other packages run on. It is for tests only.
package computetest
