package sqlstore

// The statements about the schema and the writer.
const (
	makeSchemaVersion  = `CREATE TABLE schema_version (version INTEGER NOT NULL)`
	firstSchemaVersion = `INSERT INTO schema_version (version) VALUES (0)`
	setSchemaVersion   = `UPDATE schema_version SET version = ?`
	schemaVersion      = `SELECT version FROM schema_version`
	currentEpoch       = `SELECT epoch FROM writer`
	nextEpoch          = `UPDATE writer SET epoch = epoch + 1`
)

// The statements that write. Rows are whole, so writing one twice is writing it once.
const (
	putRecord = `INSERT INTO record (kind, scope, name, data, body) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (kind, scope, name) DO UPDATE SET data = excluded.data, body = excluded.body`
	dropRecord = `DELETE FROM record WHERE kind = ? AND scope = ? AND name = ?`
	putQueue   = `INSERT INTO queue (uuid, name, deleted, data, body) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (uuid) DO UPDATE SET name = excluded.name, deleted = excluded.deleted, data = excluded.data, body = excluded.body`
	putShare = `INSERT INTO share_usage (queue, share, data) VALUES (?, ?, ?)
		ON CONFLICT (queue, share) DO UPDATE SET data = excluded.data`
	dropShare     = `DELETE FROM share_usage WHERE queue = ? AND share = ?`
	dropShares    = `DELETE FROM share_usage WHERE queue = ?`
	putDefinition = `INSERT INTO definition (name, revision, active, data, body) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (name, revision) DO UPDATE SET active = excluded.active, data = excluded.data, body = excluded.body`
	putJob = `INSERT INTO job (seq, id, queue, name, definition, created_at, size, token, share, status, content, data)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (seq) DO UPDATE SET status = excluded.status, content = excluded.content, data = excluded.data
		WHERE job.id = excluded.id`
	putNeed  = `INSERT INTO need (resource, seq) VALUES (?, ?) ON CONFLICT (resource, seq) DO NOTHING`
	putChild = `INSERT INTO child (job, status, content, data) VALUES (?, ?, ?, ?)
		ON CONFLICT (job) DO UPDATE SET status = excluded.status, content = excluded.content, data = excluded.data`
	putSpec = `INSERT INTO spec (seq, data, body) VALUES (?, ?, ?)
		ON CONFLICT (seq) DO UPDATE SET data = excluded.data, body = excluded.body`
	putPoints = `INSERT INTO points (seq, first, data) VALUES (?, ?, ?)
		ON CONFLICT (seq, first) DO UPDATE SET data = excluded.data`
	putPointKeys = `INSERT INTO point_keys (seq, data) VALUES (?, ?) ON CONFLICT (seq) DO UPDATE SET data = excluded.data`
	putAttempt   = `INSERT INTO attempt (job, number, data) VALUES (?, ?, ?)
		ON CONFLICT (job, number) DO UPDATE SET data = excluded.data`
	putResult = `INSERT INTO result (job, number, body) VALUES (?, ?, ?)
		ON CONFLICT (job, number) DO UPDATE SET body = excluded.body`
	putTags    = `INSERT INTO tags (resource, data) VALUES (?, ?) ON CONFLICT (resource) DO UPDATE SET data = excluded.data`
	dropTags   = `DELETE FROM tags WHERE resource = ?`
	putLines   = `INSERT INTO transition_log (first, lines, data) VALUES (?, ?, ?)`
	dropLines  = `DELETE FROM transition_log WHERE first < ?`
	dropAudits = `DELETE FROM audit WHERE seq < ?`
	putAudit   = `INSERT INTO audit (at, who, denied, action, resource, source) VALUES (?, ?, ?, ?, ?, ?)`
	getRoot    = `SELECT seq, size, data FROM job WHERE id = ?`
	lastLine   = `SELECT first + lines - 1 FROM transition_log ORDER BY first DESC LIMIT 1`
	lastOfAll  = `SELECT coalesce(max(seq), 0) FROM job`
)

// The statements that load. The numbers are the statuses that are terminal (5 and 6) and
// must be literal, or the partial indexes are not used.
const (
	loadRecords   = `SELECT kind, data, body FROM record ORDER BY kind, scope, name`
	loadQueues    = `SELECT data, body FROM queue WHERE deleted = 0 ORDER BY name`
	loadShares    = `SELECT data FROM share_usage WHERE queue IN (SELECT uuid FROM queue WHERE deleted = 0) ORDER BY queue, share`
	loadRevisions = `SELECT name, max(revision) FROM definition GROUP BY name`
	countLive     = `SELECT count(*) FROM job WHERE status < 5`
	loadJobs      = `SELECT seq, id, status, data FROM job WHERE status < 5 ORDER BY seq`
	loadPointKeys = `SELECT j.id, k.data FROM job j JOIN point_keys k ON k.seq = j.seq WHERE j.status < 5 ORDER BY j.seq`
	// The statuses of twenty parts are one number, 1 + the status of each in three bits, because a row for each
	// part takes long. A stretch of keys begins with one that has a row.
	loadParts = `WITH RECURSIVE stretch (first) AS (
			SELECT min(job) FROM child WHERE job > ?1 AND job < ?2
			UNION ALL
			SELECT (SELECT min(job) FROM child WHERE job >= first + 20 AND job < ?2) FROM stretch WHERE first IS NOT NULL)
		SELECT first, (SELECT CAST(sum(CAST(status + 1 AS BIGINT) << CAST(3 * (job - first) AS INTEGER)) AS BIGINT) FROM child WHERE job >= first AND job < first + 20 AND job < ?2)
		FROM stretch WHERE first IS NOT NULL ORDER BY first`
)

// The statements that read. %s is a list of keys that are texts, and %d of numbers; see withList.
const (
	// Those about records are about one kind, whose name takes the place of KIND.
	namedRecords = `SELECT data, body FROM record WHERE kind = 'KIND' AND scope = '' AND name IN (VALUES %s)`
	listRecords  = `SELECT data, body FROM record WHERE kind = 'KIND' AND scope = ? AND name > ? ORDER BY name LIMIT ?`
	namedQueues  = `SELECT data, body FROM queue WHERE deleted = 0 AND name IN (VALUES %s)`
	listQueues   = `SELECT data, body FROM queue WHERE deleted = 0 AND name > ? ORDER BY name LIMIT ?`

	oneDefinition    = `SELECT data, body FROM definition WHERE name = ? AND revision = ?`
	newestDefinition = `SELECT data, body FROM definition WHERE name = ? AND active = 1 ORDER BY revision DESC LIMIT 1`
	listDefinitions  = `SELECT data, body FROM definition
		WHERE (? = '' OR name = ?) AND active BETWEEN ? AND ? AND (name > ? OR name = ? AND revision < ?)
		ORDER BY name, revision DESC LIMIT ?`

	readNothing = `SELECT seq FROM job LIMIT 0`

	jobsByID     = `SELECT seq, id, status, data FROM job WHERE id IN (VALUES %s)`
	jobsBySeq    = `SELECT seq, id, status, data FROM job WHERE seq IN (VALUES %d)`
	seqsByID     = `SELECT seq, id, size FROM job WHERE id IN (VALUES %s)`
	childrenByID = `SELECT job, status, data FROM child WHERE job IN (VALUES %d)`
	listTokens   = `SELECT token FROM job WHERE token > ? AND token <> '' ORDER BY token LIMIT ?`
	jobByToken   = `SELECT id FROM job WHERE token = ? AND token <> '' ORDER BY seq DESC LIMIT 1`

	// Each status is read in the order of its index; the union of several is a merge.
	listQueueJobs = `SELECT seq, id, status, data FROM job WHERE queue = ? AND status = ? AND seq > ? AND seq < ?` + jobFilters
	// The statuses wanted are the bits of a number.
	listNeedingJobs = `SELECT j.seq, j.id, j.status, j.data FROM need n JOIN job j ON j.seq = n.seq
		WHERE n.resource = ? AND (1 << j.status) & ? <> 0 AND n.seq > ? AND n.seq < ?` + jobFilters
	jobFilters = ` AND created_at > ? AND created_at < ? AND (? = '' OR name = ? OR substr(name, 1, ?) = ?)
		AND (? = '' OR definition = ? OR substr(definition, 1, ?) = ?) AND (? = '' OR share = ? OR substr(share, 1, ?) = ?)`
	listChildren = `SELECT job, status, data FROM child WHERE job > ? AND job < ? ORDER BY job`

	// One look into the index for each key, however many jobs succeeded under it.
	succeededJobs = `SELECT j.seq, j.id, j.status, j.data FROM (VALUES %d) AS wanted
		JOIN job j ON j.seq = (SELECT max(seq) FROM job WHERE content = wanted.column1)`
	succeededChildren = `SELECT c.job, c.status, c.data FROM (VALUES %d) AS wanted
		JOIN child c ON c.job = (SELECT max(job) FROM child WHERE content = wanted.column1)`

	// The same where not every queue counts: all jobs that succeeded under a key.
	allSucceededJobs     = `SELECT seq, id, status, data FROM job WHERE content IN (VALUES %d)`
	allSucceededChildren = `SELECT job, status, data FROM child WHERE content IN (VALUES %d)`

	countJobs  = `SELECT queue, status, count(*) FROM job GROUP BY queue, status`
	listArrays = `SELECT queue, status, data FROM job WHERE size > 0`

	specsBySeq      = `SELECT data, body FROM spec WHERE seq IN (VALUES %d)`
	pointKeysBySeq  = `SELECT seq, data FROM point_keys WHERE seq IN (VALUES %d)`
	pointsOfArray   = `SELECT p.first, p.data FROM points p JOIN job j ON j.seq = p.seq WHERE j.id = ? AND p.first > ? AND p.first < ? ORDER BY p.first`
	attemptsOfJobs  = `SELECT job, number, data FROM attempt WHERE job IN (VALUES %d) ORDER BY job, number`
	resultsOfJobs   = `SELECT job, number, body FROM result WHERE job IN (VALUES %d)`
	tagsOfResources = `SELECT data FROM tags WHERE resource IN (VALUES %s)`

	linesAfter = `SELECT first, lines, data FROM transition_log
		WHERE first >= coalesce((SELECT max(first) FROM transition_log WHERE first <= ?), 0) ORDER BY first LIMIT ?`
	firstLine    = `SELECT first FROM transition_log ORDER BY first LIMIT 1`
	oldestLines  = `SELECT first, lines, data FROM transition_log ORDER BY first LIMIT ?`
	newestLines  = `SELECT first, lines, data FROM transition_log ORDER BY first DESC LIMIT 1`
	audits       = `SELECT seq, at, who, denied, action, resource, source FROM audit WHERE seq < ?`
	oldestAudits = `SELECT seq, at FROM audit ORDER BY seq LIMIT ?`
	newestAudit  = `SELECT at FROM audit ORDER BY seq DESC LIMIT 1`
	newestFirst  = ` ORDER BY seq DESC LIMIT ?`
)
