package batch_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/batchd/terraform-provider-batch/runtime/batch"
)

func nested(depth int) string { return strings.Repeat("[", depth) + strings.Repeat("]", depth) }

// refusedResults is what cannot be a result, and a part of the words that say so.
var refusedResults = map[string]string{
	`{"y": NaN}`:                            "not valid JSON",
	`{"y": Infinity}`:                       "not valid JSON",
	`{} {}`:                                 "not valid JSON",
	`{}{`:                                   "not valid JSON",
	`{"a"`:                                  "not valid JSON",
	`"\`:                                    "not valid JSON",
	`'a'`:                                   "not valid JSON",
	" ":                                     "not valid JSON",
	"\ufeff{}":                              "not valid JSON",
	"{\"name\":\"M\xfcller\"}":              "not UTF-8",
	"\"\xed\xa0\x80\"":                      "not UTF-8",
	nested(batch.MaxResultDepth + 1):        "nested more than 128 deep",
	nested(9000):                            "nested more than 128 deep",
	strings.Repeat(`{"a":`, 200):            "nested more than 128 deep",
	`"\ud800"`:                              "surrogate",
	`"\uDFFF"`:                              "surrogate",
	`{"\ud800\u0041":1}`:                    "surrogate",
	`"\ud800\ud800\udc00"`:                  "surrogate",
	`"\udc00\ud800"`:                        "surrogate",
	`1e999`:                                 "1e999 is beyond",
	`[-1E+400]`:                             "-1E+400 is beyond",
	`[1` + strings.Repeat("0", 400) + `]`:   "10000000000000000000… is beyond",
	`"` + strings.Repeat("x", 64<<10) + `"`: "it has 65538 bytes; at most 65536",
	strings.Repeat("\x00", batch.MaxResultBytes): "not valid JSON",
}

var takenResults = []string{
	`null`, `0`, `-0.0`, `1e-999`, `1.7976931348623157e308`, `"\\ud800"`, `"\ud83d\ude00"`, `"😀"`, `"\u0000"`, `"[[[[{{{"`,
	` {"a":[1,2,{"b":"\"]"}]} ` + "\n", nested(batch.MaxResultDepth), `18446744073709551616`, `"` + strings.Repeat("x", 64<<10-2) + `"`,
	`"` + strings.Repeat("[", 500) + `"`, `{"a":1,"a":2}`,
}

func TestResultsThatCannotBeTakenSayWhy(t *testing.T) {
	for text, want := range refusedResults {
		if problem := batch.CheckResult([]byte(text)); !strings.Contains(problem, want) {
			t.Errorf("%.40q: %q, want words with %q", text, problem, want)
		}
	}
	for _, text := range takenResults {
		if problem := batch.CheckResult([]byte(text)); problem != "" {
			t.Errorf("%.40q is refused: %s", text, problem)
		}
	}
}

// TestWhatIsWrittenAsJSONIsTaken writes values with encoding/json, which writes none that a decoder stumbles over.
func TestWhatIsWrittenAsJSONIsTaken(t *testing.T) {
	value := rapid.OneOf(
		rapid.Map(rapid.String(), func(s string) any { return s }),
		rapid.Map(rapid.Float64(), func(f float64) any { return f }),
		rapid.Map(rapid.SliceOf(rapid.Int()), func(s []int) any { return s }),
		rapid.Map(rapid.MapOf(rapid.String(), rapid.String()), func(m map[string]string) any { return m }),
	)
	rapid.Check(t, func(t *rapid.T) {
		text, err := json.Marshal([]any{value.Draw(t, "first"), value.Draw(t, "second")})
		if err != nil {
			t.Skip("not a value of JSON")
		}
		if problem := batch.CheckResult(text); problem != "" && len(text) <= batch.MaxResultBytes {
			t.Fatalf("%s is refused: %s", text, problem)
		}
	})
}

// FuzzCheckResult holds what is taken against decoders that are stricter than encoding/json.
func FuzzCheckResult(f *testing.F) {
	for text := range refusedResults {
		f.Add([]byte(text))
	}
	for _, text := range takenResults {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if batch.CheckResult(text) != "" {
			return
		}
		var value any
		if err := json.Unmarshal(text, &value); err != nil || !utf8.Valid(text) {
			t.Fatalf("%q is taken, and a decoder says %v", text, err)
		}
		walk(value, 1, func(depth int, leaf any) {
			switch leaf := leaf.(type) {
			case float64:
				if math.IsInf(leaf, 0) {
					t.Fatalf("%q holds a number beyond float64", text)
				}
			case string:
				// encoding/json reads half a pair as U+FFFD, which a text may also hold as such.
				if strings.ContainsRune(leaf, utf8.RuneError) && !strings.ContainsRune(string(text), utf8.RuneError) && !strings.Contains(strings.ToLower(string(text)), `\ufffd`) {
					t.Fatalf("%q holds half a surrogate pair", text)
				}
			}
			if depth > batch.MaxResultDepth+1 {
				t.Fatalf("%q is nested %d deep", text, depth-1)
			}
		})
	})
}

func walk(value any, depth int, visit func(depth int, leaf any)) {
	switch value := value.(type) {
	case []any:
		for _, v := range value {
			walk(v, depth+1, visit)
		}
	case map[string]any:
		for k, v := range value {
			visit(depth+1, k)
			walk(v, depth+1, visit)
		}
	}
	visit(depth, value)
}
