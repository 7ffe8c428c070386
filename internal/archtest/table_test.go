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

// std is for packages that anyone may read, copy and simulate without bringing in the world.
const std = true

// table says who may import whom. A more specific row goes before a wider one. It binds the
// product; tests may reach for any room they need.
var table = []rule{
	{".", []string{"internal/provider", "runtime/cli"}, false, "the door only chooses between being the provider and being the bundled batchd"},

	{"runtime/parameter", nil, std, "how a job finds its parameters is one rule, for the service that runs the job and the provider that describes it"},
	{"runtime/batch", []string{"runtime/parameter"}, std, "the nouns are known to every room, so they may know none; the rule of parameters is text that the identity of results needs"},
	{"runtime/matrix", nil, std, "the provider and the command line expand sweeps alike, far from any service"},

	{"runtime/heap", nil, std, "a container knows nothing of what it holds"},
	{"runtime/bitset", nil, std, "a container knows nothing of what it holds"},

	{"runtime/place/...", []string{"runtime/batch", "runtime/heap"}, std, "choosing is a pure question: the same input must always give the same answer"},
	{"runtime/store", []string{"runtime/batch"}, std, "a border speaks in nouns, or every store would depend on who decides"},
	{"runtime/compute", []string{"runtime/batch"}, std, "a border speaks in nouns, or every driver would depend on who decides"},
	{"runtime/joblog/...", []string{"runtime/batch"}, false, "logs are bytes of an attempt; who decides and who runs is not their concern"},
	{"runtime/detach", nil, false, "whoever starts a process that outlives it starts it alike, provider and runtime"},
	{"runtime/rendezvous/...", nil, false, "finding a runtime must work where no runtime is built in"},

	{"runtime/sched", []string{"runtime/batch", "runtime/place/...", "runtime/heap", "runtime/bitset"}, std, "the machine is pure, so that it can be simulated, replayed and rebuilt from rows"},
	{"runtime/store/sqlstore", []string{"runtime/store", "runtime/batch"}, false, "the SQL store is the same for every database, so it names none; app chooses one"},
	{"runtime/store/sqlstore/sqlite", []string{"runtime/store", "runtime/batch"}, false, "a database knows nothing of the store that uses it, so that the tests of that store can use it"},
	{"runtime/store/storetest", []string{"runtime/store", "runtime/batch", "internal/long"}, false, "one suite for every store knows only their border"},
	{"runtime/store/...", []string{"runtime/batch", "runtime/joblog/..."}, false, "a store keeps rows and decides nothing"},
	{"runtime/compute/local/...", []string{"runtime/compute", "runtime/batch", "runtime/joblog/...", "runtime/detach"}, false, "a driver obeys orders; it knows neither who gives them nor other drivers"},
	{"runtime/compute/aws/...", []string{"runtime/compute", "runtime/batch", "runtime/joblog/..."}, false, "a driver obeys orders; it knows neither who gives them nor other drivers"},
	{"runtime/compute/computetest", []string{"runtime/compute", "runtime/batch", "runtime/joblog/..."}, false, "one suite for every driver knows only their border"},

	{"runtime/engine", []string{"runtime/parameter", "runtime/sched", "runtime/store", "runtime/compute", "runtime/batch"}, false, "the engine drives borders; which store and which drivers is wiring, and belongs to app"},
	{"runtime/auth/...", []string{"runtime/batch"}, false, "who is calling is answered before anyone asks what for"},
	{"runtime/sim/...", []string{"runtime/sched", "runtime/place/...", "runtime/batch", "runtime/heap"}, std, "the simulated world wraps the machine alone: an engine, a goroutine or a clock would make its runs differ"},

	{"runtime/describe", []string{"runtime/parameter", "runtime/store", "runtime/api/wire", "runtime/batch"}, false, "API, events, metadata and console describe jobs alike, so what describes a job depends on none of them: it reads the rows that it is given and has the shapes of the wire"},
	{"runtime/metadata", []string{"runtime/describe", "runtime/store", "runtime/auth/...", "runtime/api/wire", "runtime/batch"}, false, "attempts ask about themselves without a signature, so what answers them can read rows and nothing else"},

	{"runtime/api/wire", nil, std, "shapes of requests and answers are shared by service and clients, so they carry neither"},
	{"runtime/api/client", []string{"runtime/api/wire", "runtime/rendezvous/..."}, false, "a client knows the wire, and nothing of the service behind it"},
	{"runtime/api/compat", nil, std, "the service is tried as users try it: with programs that others wrote, not with packages"},
	{"runtime/api/...", []string{"runtime/describe", "runtime/parameter", "runtime/engine", "runtime/sched", "runtime/store", "runtime/auth/...", "runtime/batch", "runtime/joblog/..."}, false, "the wire translates; it reaches the world only through engine and store"},
	{"runtime/events/...", []string{"runtime/describe", "runtime/store", "runtime/api/wire", "runtime/batch"}, false, "events are the transition log told to others: they are read from the store like any other answer, so that no listener is ever in the scheduler's way"},
	{"runtime/console/...", []string{"runtime/describe", "runtime/api/wire", "runtime/engine", "runtime/sched", "runtime/store", "runtime/auth/...", "runtime/batch", "runtime/joblog/..."}, false, "the console is a reader like any other; it and the API are strangers that share only what describes a job, in the shapes of the wire"},

	{"runtime/app", []string{
		"runtime/batch", "runtime/place/...", "runtime/store/...", "runtime/compute/...", "runtime/joblog/...", "runtime/rendezvous/...",
		"runtime/sched", "runtime/engine", "runtime/auth/...", "runtime/api/...", "runtime/events/...", "runtime/metadata", "runtime/console/...",
	}, false, "wiring sees every room, so that no room has to see another; what is above it calls it"},
	{"runtime/cli/...", []string{"runtime/app", "runtime/api/client", "runtime/api/wire", "runtime/matrix", "runtime/rendezvous/...", "runtime/sim/..."}, false, "commands are clients like any other, but for the one that starts an app"},
	{"runtime/cmd/batchd", []string{"runtime/cli"}, false, "a door has no furniture"},
	{"runtime/bench", []string{"runtime/app", "runtime/api/client", "runtime/api/wire", "runtime/rendezvous/...", "runtime/batch"}, false, "what is measured is what users meet: the wire, not the rooms behind it"},

	{"internal/bundled/...", []string{"runtime/rendezvous/...", "runtime/api/client", "runtime/detach"}, false, "the provider starts a runtime as a process and then is its client; it never links one"},
	{"internal/provider/...", []string{"runtime/api/client", "runtime/api/wire", "runtime/matrix", "runtime/parameter", "internal/bundled/..."}, false, "the provider must work against any endpoint, so it knows the wire and not the service"},
	{"internal/schemajson", []string{"internal/provider"}, false, "it asks the provider for its schema as Terraform would"},
	{"internal/examples", nil, false, "examples are tried as users try them: with the programs, not with packages"},
	{"internal/long", nil, std, "tests of every room ask it, so it may know none"},
	{"internal/archtest", nil, false, "the judge is nobody's neighbour"},
}

// stdOfNouns are the standard packages that runtime/batch may import: text, numbers, collections, hashing. Which of ours it may
// import, the table says.
var stdOfNouns = []string{
	"bytes", "cmp", "crypto/sha256", "encoding/base32", "encoding/base64", "encoding/binary", "encoding/hex", "encoding/json", "errors",
	"fmt", "hash/fnv", "iter", "maps", "math", "math/bits", "regexp", "slices", "sort", "strconv", "strings", "time", "unicode", "unicode/utf8",
}

// pure are the packages that decide. They are told everything they need to know.
var pure = []string{"runtime/batch", "runtime/parameter", "runtime/heap", "runtime/bitset", "runtime/place/...", "runtime/sched"}

// timeless are the packages whose runs must repeat: those that decide, and the simulated world around them.
var timeless = append([]string{"runtime/sim/..."}, pure...)

// forbiddenToPure maps standard packages, each with what lies below it, to why a deciding package may not import them.
var forbiddenToPure = map[string]string{
	"context":     "there is nothing to cancel: deciding does not wait",
	"sync":        "one goroutine owns the machine; a lock would hide that a second one came in",
	"os":          "the machine does no I/O: what it knows came in as an event, what it wants goes out as a row or an order",
	"io":          "the machine does no I/O: what it knows came in as an event, what it wants goes out as a row or an order",
	"net":         "the machine does no I/O: what it knows came in as an event, what it wants goes out as a row or an order",
	"log":         "the machine speaks through its Round; a note there can be tested, a log line cannot",
	"math/rand":   "the same input must give the same output; dice are keyed by name and given",
	"crypto/rand": "the same input must give the same output; ids are minted outside and given",
	"runtime":     "deciding may not depend on the machine that decides",
	"unsafe":      "no decision needs it",
}

// clock are the names of package time that read the clock or wait for it.
var clock = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTicker", "NewTimer"}

// untested are the packages without a test of their own, and why that is right.
var untested = map[string]string{
	".":                  "two lines of choice; the provider's tests and the bundled runtime's go through it",
	"runtime/cmd/batchd": "one call of runtime/cli, which is tested",
	"runtime/store":      "interfaces and query types; runtime/store/storetest is their test",
	"runtime/compute":    "interfaces and order types; runtime/compute/computetest is their test",
}

// longTables are files of data that may be longer than a reader would stand of code.
var longTables = []string{}
