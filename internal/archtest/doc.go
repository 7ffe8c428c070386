// Package archtest tests the rules of this code base: which packages may import which, what the pure packages may not use,
// how long a file may be. A test that fails names the place, the rule and its reason. A rule that a linter can check belongs
// in .golangci.yml, not here.
//
// Each rule is a function from the tree of source files to findings, so that TestLawsCatchPlantedFaults can plant a fault for
// each and see that it is found. The tables of what is allowed, with reasons, are in table_test.go.
package archtest
