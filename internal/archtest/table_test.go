package archtest

// rule is one row of the import table.
type rule struct {
	// packages are the folders it is for; a trailing "/..." takes in what lies below.
	packages string
	// may are the folders of ours that they may import, besides those of their own row.
	may []string
	// stdOnly forbids modules of others.
	stdOnly bool
	// why the rule is there.
	why string
}

// std marks packages that import the standard library only, so that they can be read, copied and simulated alone.
const std = true

// table says which packages may import which. The first row that matches a package counts, so a specific row goes before a
// wider one. The table binds the product; tests may import any package that they need.
var table = []rule{
	{".", []string{"internal/provider", "runtime/cli"}, false, "main only chooses between running as the provider and running as the bundled batchd"},

	{"runtime/parameter", nil, std, "the service that runs a job and the provider that describes it must agree on where a job finds its parameters, so both import the rule from here"},
	{"runtime/batch", []string{"runtime/parameter"}, std, "every package imports the nouns, so importing another package from here would make a cycle; only parameter is below it, because the identity of a result contains how a job finds its parameters"},
	{"runtime/matrix", nil, std, "the provider and the command line expand sweeps in the same way, without a service"},

	{"runtime/heap", nil, std, "a container is generic and does not depend on the type of its elements"},
	{"runtime/bitset", nil, std, "a container is generic and does not depend on the type of its elements"},
	{"runtime/fifo", nil, std, "a container knows nothing of what it holds"},
	{"runtime/retry", nil, std, "how long to wait before another try is arithmetic; what is tried is the caller's"},
	{"runtime/durable", nil, std, "how a file survives a loss of power does not depend on what is in it"},

	{"runtime/place/...", []string{"runtime/batch", "runtime/heap"}, std, "placing is pure: the same input must always give the same answer"},
	{"runtime/store", []string{"runtime/batch"}, std, "an interface uses the types of batch only; otherwise every store would depend on the scheduler"},
	{"runtime/compute", []string{"runtime/batch"}, std, "an interface uses the types of batch only; otherwise every driver would depend on the scheduler"},
	{"runtime/joblog/...", []string{"runtime/batch"}, false, "a log is the output of an attempt and depends neither on the scheduler nor on what runs the attempt"},
	{"runtime/detach", nil, false, "the provider and the runtime start processes that outlive them in the same way"},
	{"runtime/rendezvous/...", []string{"runtime/durable"}, false, "a client must be able to find a runtime without linking one"},

	{"runtime/registry", []string{"runtime/batch"}, std, "the machine holds the registry, so it is as pure as the machine; it imports neither jobs nor queues, so that nothing can be scheduled by what it keeps"},
	{"runtime/submit", []string{"runtime/batch"}, std, "what runs follows from a request and a definition alone, so the engine, the simulator and the scheduler resolve it in the same way"},
	{"runtime/sched/array", []string{"runtime/batch", "runtime/bitset"}, std, "the status of a child follows from rows and sets of indices, so it is tested without a scheduler"},
	{"runtime/sched/depend", []string{"runtime/batch", "runtime/bitset"}, std, "who waits for whom is a graph of any jobs, so it is tested without a scheduler"},
	{"runtime/sched/flight", []string{"runtime/batch"}, std, "which points are the same work follows from keys, whatever a job is, so it is tested without a scheduler"},
	{"runtime/sched/deadline", []string{"runtime/batch", "runtime/heap"}, std, "what is due first does not depend on what is to be done then"},
	{"runtime/sched/lane", []string{"runtime/batch"}, std, "the scheduler and the drivers let attempts run ahead in one order, so the order is tested without both"},
	{"runtime/sched/outcome", []string{"runtime/batch"}, std, "what an exit makes of a job follows from rows alone, so the rules of retries are tested one by one"},
	{"runtime/sched", []string{"runtime/sched/...", "runtime/submit", "runtime/batch", "runtime/place/...", "runtime/registry", "runtime/heap", "runtime/bitset"}, std, "the scheduler is pure, so that it can be simulated, replayed and rebuilt from rows"},
	{"runtime/store/sqlstore", []string{"runtime/store", "runtime/batch"}, false, "the SQL store is the same for every database, so it imports none of them; app chooses one"},
	{"runtime/store/sqlstore/postgres", []string{"runtime/store"}, false, "a database does not import the store that uses it, because the tests of that store import the database"},
	{"runtime/store/sqlstore/postgres/postgrestest", nil, false, "a schema for a test depends on a server only"},
	{"runtime/store/sqlstore/sqlite", []string{"runtime/store", "runtime/batch", "runtime/durable"}, false, "a database does not import the store that uses it, because the tests of that store import the database"},
	{"runtime/store/storetest", []string{"runtime/store", "runtime/batch", "internal/long"}, false, "one suite tests every store, so it depends only on the interface"},
	{"runtime/store/...", []string{"runtime/batch", "runtime/joblog/..."}, false, "a store keeps rows and makes no decisions, so it does not depend on the scheduler"},
	{"runtime/compute/local/...", []string{"runtime/compute", "runtime/batch", "runtime/joblog/...", "runtime/detach", "runtime/fifo", "runtime/retry"}, false, "a driver carries out orders; it depends neither on the scheduler that gives them nor on other drivers"},
	{"runtime/compute/aws/awsfake/...", []string{"runtime/heap"}, false, "the double behaves as AWS does, and AWS knows nothing of batchd; what it imported from the driver it could not contradict"},
	{"runtime/compute/aws/...", []string{"runtime/compute", "runtime/batch", "runtime/joblog/...", "runtime/retry", "runtime/durable", "runtime/fifo"}, false, "a driver carries out orders; it depends neither on the scheduler that gives them nor on other drivers"},
	{"runtime/compute/computetest", []string{"runtime/compute", "runtime/batch", "runtime/joblog/..."}, false, "one suite tests every driver, so it depends only on the interface"},

	{"runtime/engine", []string{"runtime/parameter", "runtime/sched", "runtime/submit", "runtime/store", "runtime/compute", "runtime/batch", "runtime/retry"}, false, "the engine works with any store and any driver; app chooses them"},
	{"runtime/auth/...", []string{"runtime/batch", "runtime/durable"}, false, "authentication comes before a request is interpreted, so it does not depend on the API"},
	{"runtime/sim/...", []string{"runtime/sched", "runtime/submit", "runtime/place/...", "runtime/batch", "runtime/heap"}, std, "the simulator runs the scheduler alone: with an engine, a goroutine or a clock, two runs of one seed would differ"},

	{"runtime/describe", []string{"runtime/parameter", "runtime/store", "runtime/api/wire", "runtime/batch"}, false, "API, events, metadata and console must describe a job in the same way, so they all import this package and it imports none of them; it reads rows and returns the shapes of the wire format"},
	{"runtime/document", []string{"runtime/api/wire", "runtime/batch"}, std, "API and app must make the same row of a document; the scheduler and the stores keep documents without reading them"},
	{"runtime/metadata", []string{"runtime/durable", "runtime/describe", "runtime/store", "runtime/auth/...", "runtime/api/wire", "runtime/batch"}, false, "requests from attempts are not signed, so the package that answers them can only read rows"},

	{"runtime/api/wire", nil, std, "the service and its clients share the shapes of requests and answers, so the shapes depend on neither"},
	{"runtime/api/client", []string{"runtime/api/wire", "runtime/rendezvous/...", "runtime/retry"}, false, "a client depends on the wire format, not on the service"},
	{"runtime/api/compat", nil, std, "compatibility is tested from outside, with clients that others wrote, so no package of ours is imported"},
	{"runtime/api/admission", []string{"runtime/api/wire", "runtime/auth/..."}, false, "which requests are served and when depends on who calls and how much is sent, not on what is asked for"},
	{"runtime/api/pagetoken", []string{"runtime/api/wire"}, std, "a token is a place, whatever it is a place in"},
	{"runtime/api/logs", []string{"runtime/api/pagetoken", "runtime/api/wire", "runtime/describe", "runtime/engine", "runtime/sched", "runtime/registry", "runtime/store", "runtime/batch", "runtime/joblog"}, false, "the logs are served by a package that knows neither routes nor callers' rights, so it does not import the package that does"},
	{"runtime/api/...", []string{"runtime/describe", "runtime/document", "runtime/parameter", "runtime/engine", "runtime/sched", "runtime/submit", "runtime/registry", "runtime/store", "runtime/auth/...", "runtime/batch", "runtime/joblog/..."}, false, "the API translates requests; it changes and reads state through the engine and the store only"},
	{"runtime/events/...", []string{"runtime/describe", "runtime/store", "runtime/api/wire", "runtime/batch", "runtime/durable", "runtime/retry"}, false, "events are read from the transition log in the store, so a slow reader cannot hold up the scheduler"},
	{"runtime/console/...", []string{"runtime/describe", "runtime/api/wire", "runtime/engine", "runtime/sched", "runtime/store", "runtime/auth/...", "runtime/batch", "runtime/joblog/..."}, false, "the console reads like any other client and does not import the API's handlers; both use describe and the shapes of the wire format"},

	{"runtime/app", []string{
		"runtime/durable",
		"runtime/batch", "runtime/place/...", "runtime/store/...", "runtime/compute/...", "runtime/joblog/...", "runtime/rendezvous/...",
		"runtime/sched", "runtime/registry", "runtime/engine", "runtime/document", "runtime/auth/...", "runtime/api/...", "runtime/events/...", "runtime/metadata", "runtime/console/...",
	}, false, "app connects the packages, so that they need not import each other; only the layers above import app"},
	{"runtime/cli/...", []string{"runtime/app", "runtime/api/client", "runtime/api/wire", "runtime/matrix", "runtime/rendezvous/...", "runtime/sim/..."}, false, "commands are clients of the API; only serve starts an app, and only simulate runs the simulator"},
	{"runtime/cmd/batchd", []string{"runtime/cli"}, false, "main only calls cli, so that everything it does is tested there"},
	{"runtime/cmd/awsfake", []string{"runtime/compute/aws/awsfake/..."}, false, "it serves the double to tests from end to end, and like the double it knows nothing of batchd"},
	{"runtime/bench", []string{"runtime/app", "runtime/api/client", "runtime/api/wire", "runtime/rendezvous/...", "runtime/batch"}, false, "benchmarks measure what users meet, which is the API, not the packages behind it"},

	{"internal/bundled/...", []string{"runtime/rendezvous/...", "runtime/api/client", "runtime/detach"}, false, "the provider starts a runtime as a process and is then its client; it does not link one"},
	{"internal/provider/...", []string{"runtime/api/client", "runtime/api/wire", "runtime/matrix", "runtime/parameter", "internal/bundled/..."}, false, "the provider must work against any endpoint, so it depends on the wire format and not on the service"},
	{"internal/schemajson", []string{"internal/provider"}, false, "the program asks the provider for its schema as Terraform does"},
	{"internal/examples", nil, false, "examples are tested as users run them, with the programs, so no package of ours is imported"},
	{"internal/upgrade", nil, false, "an upgrade is tested as users make it, with the programs of two versions, so no package of ours is imported"},
	{"internal/long", nil, std, "tests of every package import it, so importing another package from here would make a cycle"},
	{"internal/archtest", nil, false, "the tests read the source of every package, so they import none of them"},
}

// doubles are the packages that stand for others in tests, and the suites that test them. Of the product only the folders given import them.
var doubles = map[string][]string{
	"runtime/compute/aws/awsfake/...": {"runtime/cmd/awsfake"},
	"runtime/compute/computetest":     nil,
	"runtime/store/storetest":         nil,
}

// stdOfNouns are the standard packages that runtime/batch may import: text, numbers, collections, hashing. Which of ours it may
// import, the table says.
var stdOfNouns = []string{
	"bytes", "cmp", "crypto/sha256", "encoding/base32", "encoding/base64", "encoding/binary", "encoding/hex", "encoding/json", "errors",
	"fmt", "hash/fnv", "iter", "maps", "math", "math/bits", "regexp", "slices", "sort", "strconv", "strings", "time", "unicode", "unicode/utf8",
}

// pure are the packages that make decisions. Everything they need is passed to them.
var pure = []string{"runtime/batch", "runtime/parameter", "runtime/heap", "runtime/bitset", "runtime/place/...", "runtime/registry", "runtime/submit", "runtime/sched/..."}

// documentless are the packages that know no document of a client: see forbiddenToDocumentless.
var documentless = []string{"runtime/place/...", "runtime/registry", "runtime/sched/..."}

// forbiddenToDocumentless maps standard packages to why a package that decides about nouns may not import them.
var forbiddenToDocumentless = map[string]string{
	"encoding/json": "package document reads what clients sent; what decides reads the values that were made of it, so that both say the same",
}

// timeless are the packages whose runs must be repeatable: the pure packages and the simulator around them.
var timeless = append([]string{"runtime/sim/..."}, pure...)

// forbiddenToPure maps standard packages, each with what lies below it, to why a deciding package may not import them.
var forbiddenToPure = map[string]string{
	"context":     "a pure package does not wait, so there is nothing to cancel",
	"sync":        "one goroutine owns the scheduler; a lock would hide that a second one uses it",
	"os":          "a pure package does no I/O: its input is commands and facts, its output rows and orders",
	"io":          "a pure package does no I/O: its input is commands and facts, its output rows and orders",
	"net":         "a pure package does no I/O: its input is commands and facts, its output rows and orders",
	"log":         "the scheduler reports through notes in its Round, which tests can check, unlike log lines",
	"math/rand":   "the same input must give the same output; random numbers come from a seed that is passed in",
	"crypto/rand": "the same input must give the same output; ids are made by the caller and passed in",
	"runtime":     "a decision may not depend on the computer that it is made on",
	"unsafe":      "pure packages work with plain values",
}

// clock are the names of package time that read the clock or wait for it.
var clock = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTicker", "NewTimer"}

// untested are the packages without a test of their own, and why that is right.
var untested = map[string]string{
	".":                  "two lines that choose what to run; the tests of the provider and of the bundled runtime go through them",
	"runtime/cmd/batchd": "one call of runtime/cli, which is tested",
	"runtime/store":      "interfaces and query types; runtime/store/storetest is their test",
	"runtime/store/sqlstore/postgres/postgrestest": "it lends schemas to tests, which try it",
	"runtime/compute": "interfaces and order types; runtime/compute/computetest is their test",
}

// longTables are files of data that may be longer than a file of code.
var longTables = []string{}
