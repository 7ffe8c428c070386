package sqlstore

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"github.com/batchd/terraform-provider-batch/runtime/store/sqlstore/sqlite"
)

// What is asked often must not cost more with every job ever run: no statement below may
// look at a whole table or sort what it found.
func TestPlans(t *testing.T) {
	s, err := Open(t.Context(), Options{Database: sqlite.New(filepath.Join(t.TempDir(), "state.db"))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	s.mu.Lock() // keeps its upkeep from the connection
	defer s.mu.Unlock()
	for name, statement := range map[string]string{
		"loadJobs": loadJobs, "loadParts": loadParts, "getRoot": getRoot, "lastLine": lastLine,
		"jobsByID": jobsByID, "jobsBySeq": jobsBySeq, "seqsByID": seqsByID, "childrenByID": childrenByID, "childrenByID in order": childrenByID + " ORDER BY job", "jobByToken": jobByToken, "listTokens": listTokens,
		"listQueueJobs": listQueueJobs + " ORDER BY seq LIMIT 9", "listQueueJobs back": listQueueJobs + " ORDER BY seq DESC LIMIT 9",
		"two statuses":    listQueueJobs + " UNION ALL " + listQueueJobs + " ORDER BY seq LIMIT 9",
		"listNeedingJobs": listNeedingJobs + " ORDER BY n.seq LIMIT 9", "listNeedingJobs back": listNeedingJobs + " ORDER BY n.seq DESC LIMIT 9",
		"countLive": countLive, "loadShares": loadShares, "dropShare": dropShare, "dropShares": dropShares, "namedRecords": namedRecords, "listRecords": listRecords,
		"listChildren": listChildren, "succeededJobs": succeededJobs, "succeededChildren": succeededChildren,
		"listArrays": listArrays, "specsBySeq": specsBySeq, "pointsOfArray": pointsOfArray,
		"attemptsOfJobs": attemptsOfJobs, "resultsOfJobs": resultsOfJobs, "tagsOfResources": tagsOfResources,
		"linesAfter": linesAfter, "firstLine": firstLine, "oldestLines": oldestLines, "newestLines": newestLines, "dropLines": dropLines,
		"newestDefinition": newestDefinition,
		"audits":           audits + newestFirst, "deniedAudits": audits + " AND denied = 1" + newestFirst,
		"oldestAudits": oldestAudits, "newestAudit": newestAudit, "dropAudits": dropAudits,
		"countJobs": countJobs,
	} {
		if !strings.Contains(statement, "(VALUES %") {
			checkPlan(t, s.writer, name, statement)
			continue
		}
		for _, keys := range []int{1, 2} {
			checkPlan(t, s.writer, name, s.writer.withList(statement, keys))
		}
	}
}

func checkPlan(t *testing.T, r *session, name, statement string) {
	t.Helper()
	args := make([]any, strings.Count(statement, "?"))
	err := r.each(t.Context(), "EXPLAIN QUERY PLAN "+statement, args, func(rows *sql.Rows) error {
		var id, parent, unused int
		var step string
		err := rows.Scan(&id, &parent, &unused, &step)
		whole := strings.HasPrefix(step, "SCAN") && !strings.Contains(step, "VALUES CLAUSE") && step != "SCAN wanted" && step != "SCAN CONSTANT ROW" // the list itself
		if bounded[name] == "" && (whole || strings.Contains(step, "TEMP B-TREE")) {
			t.Errorf("%s: %s", name, step)
		}
		return err
	})
	if err != nil {
		t.Errorf("%s: %v", name, err)
	}
}

// bounded says of statements that scan or sort why they may.
var bounded = map[string]string{
	"lastLine":     "it reads one row, from the end",
	"firstLine":    "it reads one row, from the beginning",
	"oldestLines":  "it reads what goes, from the beginning",
	"newestLines":  "it reads one row, from the end",
	"oldestAudits": "it reads what goes, from the beginning",
	"newestAudit":  "it reads one row, from the end",
	"countJobs":    "it counts in an index, in its order",
	"countLive":    "its index holds nothing but live jobs",
	"loadShares":   "there are few shares, and all of them are wanted",
	"loadParts":    "it looks at the stretches of one submission, each found by its key",
	"loadJobs":     "its index holds nothing but live jobs",
	"listArrays":   "its index holds nothing but arrays",
}
