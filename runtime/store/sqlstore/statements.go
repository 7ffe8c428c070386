package sqlstore

// The statements that write. Rows are whole, so writing one twice is writing it once.
const (
	putEnvironment = `INSERT INTO environment (name, data, body) VALUES (?, ?, ?)
		ON CONFLICT (name) DO UPDATE SET data = excluded.data, body = excluded.body`
	dropEnvironment = `DELETE FROM environment WHERE name = ?`
	putQueue        = `INSERT INTO queue (uuid, name, deleted, data, body) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (uuid) DO UPDATE SET name = excluded.name, deleted = excluded.deleted, data = excluded.data, body = excluded.body`
	putHost       = `INSERT INTO host (id, data) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET data = excluded.data`
	putDefinition = `INSERT INTO definition (name, revision, active, data, body) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (name, revision) DO UPDATE SET active = excluded.active, data = excluded.data, body = excluded.body`
	putJob = `INSERT INTO job (seq, id, queue, name, definition, created_at, size, token, status, content, data)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (seq) DO UPDATE SET status = excluded.status, content = excluded.content, data = excluded.data
		WHERE job.id = excluded.id`
	putChild = `INSERT INTO child (job, status, content, data) VALUES (?, ?, ?, ?)
		ON CONFLICT (job) DO UPDATE SET status = excluded.status, content = excluded.content, data = excluded.data`
	putSpec = `INSERT INTO spec (seq, data, body) VALUES (?, ?, ?)
		ON CONFLICT (seq) DO UPDATE SET data = excluded.data, body = excluded.body`
	putPoints = `INSERT INTO points (seq, first, data) VALUES (?, ?, ?)
		ON CONFLICT (seq, first) DO UPDATE SET data = excluded.data`
	putAttempt = `INSERT INTO attempt (job, number, data) VALUES (?, ?, ?)
		ON CONFLICT (job, number) DO UPDATE SET data = excluded.data`
	putResult = `INSERT INTO result (job, number, body) VALUES (?, ?, ?)
		ON CONFLICT (job, number) DO UPDATE SET body = excluded.body`
	putTags   = `INSERT INTO tags (resource, data) VALUES (?, ?) ON CONFLICT (resource) DO UPDATE SET data = excluded.data`
	dropTags  = `DELETE FROM tags WHERE resource = ?`
	putLines  = `INSERT INTO transition_log (first, lines, data) VALUES (?, ?, ?)`
	putAudit  = `INSERT INTO audit (data) VALUES (?)`
	getRoot   = `SELECT seq, size, data FROM job WHERE id = ?`
	lastLine  = `SELECT first + lines - 1 FROM transition_log ORDER BY first DESC LIMIT 1`
	lastOfAll = `SELECT coalesce(max(seq), 0) FROM job`
)

// The statements that load. The numbers are the statuses that are terminal (5 and 6) and
// must be literal, or the partial indexes are not used.
const (
	loadEnvironments = `SELECT data, body FROM environment ORDER BY name`
	loadQueues       = `SELECT data, body FROM queue WHERE deleted = 0 ORDER BY name`
	loadHosts        = `SELECT data FROM host ORDER BY id`
	loadRevisions    = `SELECT name, max(revision) FROM definition GROUP BY name`
	loadJobs         = `SELECT seq, id, status, data FROM job WHERE status < 5 ORDER BY seq`
	loadChildren     = `SELECT job, status, CASE WHEN status < 5 THEN data END FROM child WHERE job > ? AND job < ? ORDER BY job`
)

// The statements that read. %s is a list of keys, each in parentheses.
const (
	namedEnvironments = `SELECT name, data, body FROM environment WHERE name IN (VALUES %s)`
	listEnvironments  = `SELECT name, data, body FROM environment WHERE name > ? ORDER BY name LIMIT ?`
	namedQueues       = `SELECT name, data, body FROM queue WHERE deleted = 0 AND name IN (VALUES %s)`
	listQueues        = `SELECT name, data, body FROM queue WHERE deleted = 0 AND name > ? ORDER BY name LIMIT ?`

	oneDefinition    = `SELECT data, body FROM definition WHERE name = ? AND revision = ?`
	newestDefinition = `SELECT data, body FROM definition WHERE name = ? AND active = 1 ORDER BY revision DESC LIMIT 1`
	listDefinitions  = `SELECT data, body FROM definition
		WHERE (? = '' OR name = ?) AND active BETWEEN ? AND ? AND (name > ? OR name = ? AND revision < ?)
		ORDER BY name, revision DESC LIMIT ?`

	jobsByID     = `SELECT seq, id, status, data FROM job WHERE id IN (VALUES %s)`
	jobsBySeq    = `SELECT seq, id, status, data FROM job WHERE seq IN (VALUES %s)`
	seqsByID     = `SELECT seq, id FROM job WHERE id IN (VALUES %s)`
	childrenByID = `SELECT job, status, data FROM child WHERE job IN (VALUES %s)`
	jobByToken   = `SELECT id FROM job WHERE token = ? AND token <> '' ORDER BY seq DESC LIMIT 1`

	// Each status is read in the order of its index; the union of several is a merge.
	listQueueJobs = `SELECT seq, id, status, data FROM job WHERE queue = ? AND status = ? AND seq > ? AND seq < ?
		AND created_at > ? AND created_at < ? AND (? = '' OR name = ? OR substr(name, 1, ?) = ?)
		AND (? = '' OR definition = ? OR substr(definition, 1, ?) = ?)`
	listChildren = `SELECT job, status, data FROM child WHERE job > ? AND job < ? ORDER BY job`

	// One look into the index for each key, however many jobs succeeded under it.
	succeededJobs = `SELECT j.seq, j.id, j.status, j.data FROM (VALUES %s) AS wanted
		JOIN job j ON j.seq = (SELECT max(seq) FROM job WHERE content = wanted.column1)`
	succeededChildren = `SELECT c.job, c.status, c.data FROM (VALUES %s) AS wanted
		JOIN child c ON c.job = (SELECT max(job) FROM child WHERE content = wanted.column1)`

	countJobs  = `SELECT status, count(*) FROM job GROUP BY status`
	listArrays = `SELECT id, status, data FROM job WHERE size > 0`

	specsByRoot     = `SELECT s.data, s.body FROM spec s JOIN job j ON j.seq = s.seq WHERE j.id IN (VALUES %s)`
	pointsOfArray   = `SELECT p.first, p.data FROM points p JOIN job j ON j.seq = p.seq WHERE j.id = ? AND p.first > ? AND p.first < ? ORDER BY p.first`
	attemptsOfJobs  = `SELECT job, number, data FROM attempt WHERE job IN (VALUES %s) ORDER BY job, number`
	resultsOfJobs   = `SELECT job, number, body FROM result WHERE job IN (VALUES %s)`
	tagsOfResources = `SELECT data FROM tags WHERE resource IN (VALUES %s)`

	linesAfter = `SELECT first, lines, data FROM transition_log
		WHERE first >= coalesce((SELECT max(first) FROM transition_log WHERE first <= ?), 0) ORDER BY first`
	newestAudits = `SELECT data FROM audit ORDER BY seq DESC LIMIT ?`
)
