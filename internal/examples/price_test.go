package examples

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const script = "../../examples/sweep/price.sh"

type price struct {
	Price         float64 `json:"price"`
	StandardError float64 `json:"standard_error"`
	Paths         int     `json:"paths"`
}

// run prices one option with a search path and variables of its own.
func run(t *testing.T, path string, variables ...string) (stdout, stderr string, err error) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "sh", script)
	command.Env = append([]string{"PATH=" + path}, variables...)
	var out, problems bytes.Buffer
	command.Stdout, command.Stderr = &out, &problems
	err = command.Run()
	return out.String(), problems.String(), err
}

// option gives a strike, a volatility and a seed as a job's variables.
func option(strike int, volatility float64, seed int) []string {
	return []string{
		fmt.Sprintf("BATCH_PARAM_STRIKE=%d", strike), fmt.Sprintf("BATCH_PARAM_VOLATILITY=%g", volatility), fmt.Sprintf("BATCH_PARAM_SEED=%d", seed),
		"BATCH_PARAM_PATHS=4000",
	}
}

// blackScholes is the exact price with the script's defaults: spot 100, rate 0.05, one year.
func blackScholes(strike, volatility float64) float64 {
	normal := func(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }
	d1 := (math.Log(100/strike) + 0.05 + volatility*volatility/2) / volatility
	return 100*normal(d1) - strike*math.Exp(-0.05)*normal(d1-volatility)
}

// TestPriceIsUnbiased prices a grid of options. The distances from the exact prices, in standard errors, must look
// like standard normal draws: mean near 0, mean square near 1.
func TestPriceIsUnbiased(t *testing.T) {
	var sum, squares float64
	var n int
	for _, strike := range []int{80, 100, 120} {
		for _, volatility := range []float64{0.1, 0.3} {
			for seed := 1; seed <= 20; seed++ {
				text, problems, err := run(t, os.Getenv("PATH"), option(strike, volatility, seed)...)
				if err != nil {
					t.Fatalf("%v: %s", err, problems)
				}
				var got price
				if err := json.Unmarshal([]byte(text), &got); err != nil {
					t.Fatalf("%q: %v", text, err)
				}
				z := (got.Price - blackScholes(float64(strike), volatility)) / got.StandardError
				sum, squares, n = sum+z, squares+z*z, n+1
			}
		}
	}
	mean, square := sum/float64(n), squares/float64(n)
	t.Logf("%d prices: mean distance %.3f standard errors, mean square %.3f", n, mean, square)
	if math.Abs(mean) > 3/math.Sqrt(float64(n)) || math.Abs(square-1) > 3*math.Sqrt(2/float64(n)) {
		t.Errorf("mean %.3f and mean square %.3f are not those of standard normal draws", mean, square)
	}
}

// TestPriceIsTheSameInEveryAwk runs the script with each awk of this machine that can do mathematics.
func TestPriceIsTheSameInEveryAwk(t *testing.T) {
	const numbers = `{"price": 10.405222, "standard_error": 0.161099, "paths": 4000}`
	tried := 0
	for _, awk := range []string{"mawk", "gawk", "original-awk", "busybox awk"} {
		program := strings.Fields(awk)
		if exec.CommandContext(t.Context(), program[0], append(program[1:], "BEGIN { exit exp(0) != 1 }")...).Run() != nil {
			continue
		}
		tried++
		bin := t.TempDir()
		if err := os.WriteFile(filepath.Join(bin, "awk"), []byte("#!/bin/sh\nexec "+awk+" \"$@\"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		text, problems, err := run(t, bin+":"+os.Getenv("PATH"), option(100, 0.2, 1)...)
		if err != nil || strings.TrimSpace(text) != numbers {
			t.Errorf("%s: got %s%s%v, want %s", awk, text, problems, err, numbers)
		}
	}
	if tried == 0 {
		t.Skip("no awk of a known name here")
	}
}

func TestPriceRefusesBadParameters(t *testing.T) {
	for name, test := range map[string]struct{ variable, want string }{
		"missing":   {"", "the strike price"},
		"no number": {"BATCH_PARAM_STRIKE=high", `strike is "high", want a number of at least 0`},
		"negative":  {"BATCH_PARAM_STRIKE=-1", `strike is "-1", want a number of at least 0`},
	} {
		t.Run(name, func(t *testing.T) {
			result := filepath.Join(t.TempDir(), "result.json")
			variables := append(option(0, 0.2, 1)[1:], test.variable, "BATCH_RESULT_FILE="+result)
			text, problems, err := run(t, os.Getenv("PATH"), variables...)
			if err == nil || !strings.Contains(problems, test.want) {
				t.Errorf("got %q, %q and %v, want a failure that says %q", text, problems, err, test.want)
			}
			if _, err := os.Stat(result); err == nil {
				t.Error("a failed job left a result")
			}
		})
	}
}

func TestPriceLeavesItsResult(t *testing.T) {
	result := filepath.Join(t.TempDir(), "result.json")
	text, problems, err := run(t, os.Getenv("PATH"), append(option(100, 0.2, 1), "BATCH_RESULT_FILE="+result)...)
	if err != nil {
		t.Fatalf("%v: %s", err, problems)
	}
	left, err := os.ReadFile(result)
	if err != nil || string(left) != text {
		t.Errorf("left %q (%v), printed %q", left, err, text)
	}
}
