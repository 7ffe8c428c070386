package sqlite

// migrations bring a store from version i to i+1. One that has been released never
// changes. A key names a job by numbers alone: see key.go.
var migrations = [][]string{{
	`CREATE TABLE environment (name TEXT NOT NULL PRIMARY KEY, data TEXT NOT NULL, body BLOB)`,
	`CREATE TABLE queue (uuid TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, deleted INTEGER NOT NULL,
		data TEXT NOT NULL, body BLOB)`,
	`CREATE INDEX queue_name ON queue (name) WHERE deleted = 0`,
	`CREATE TABLE host (id TEXT NOT NULL PRIMARY KEY, data TEXT NOT NULL)`,
	`CREATE TABLE definition (name TEXT NOT NULL, revision INTEGER NOT NULL, active INTEGER NOT NULL,
		data TEXT NOT NULL, body BLOB, PRIMARY KEY (name, revision))`,

	// A submission. Only status, content and data ever change.
	`CREATE TABLE job (seq INTEGER NOT NULL PRIMARY KEY, id TEXT NOT NULL UNIQUE, queue TEXT NOT NULL,
		name TEXT NOT NULL, definition TEXT NOT NULL, created_at BIGINT NOT NULL, size INTEGER NOT NULL,
		token TEXT NOT NULL, status INTEGER NOT NULL, content BIGINT, data BLOB NOT NULL)`,
	`CREATE INDEX job_queue ON job (queue, status, seq)`,
	`CREATE INDEX job_live ON job (seq) WHERE status < 5`,
	`CREATE INDEX job_array ON job (seq) WHERE size > 0`,
	`CREATE INDEX job_token ON job (token) WHERE token <> ''`,
	`CREATE INDEX job_content ON job (content) WHERE content IS NOT NULL`,

	// A child that something has happened to alone. Its data is what differs from its array.
	`CREATE TABLE child (job INTEGER NOT NULL PRIMARY KEY, status INTEGER NOT NULL, content BIGINT, data BLOB NOT NULL)`,
	`CREATE INDEX child_content ON child (content) WHERE content IS NOT NULL`,

	`CREATE TABLE spec (seq INTEGER NOT NULL PRIMARY KEY, data TEXT NOT NULL, body BLOB)`,
	`CREATE TABLE points (seq BIGINT NOT NULL, first INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (seq, first))`,
	`CREATE TABLE attempt (job BIGINT NOT NULL, number INTEGER NOT NULL, data BLOB NOT NULL,
		PRIMARY KEY (job, number)) WITHOUT ROWID`,
	`CREATE TABLE result (job BIGINT NOT NULL, number INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (job, number))`,
	`CREATE TABLE tags (resource TEXT NOT NULL PRIMARY KEY, data TEXT NOT NULL)`,
	`CREATE TABLE transition_log (first INTEGER NOT NULL PRIMARY KEY, lines INTEGER NOT NULL, data BLOB NOT NULL)`,
	`CREATE TABLE audit (seq INTEGER NOT NULL PRIMARY KEY, data TEXT NOT NULL)`,
}, {
	`ALTER TABLE job ADD COLUMN share TEXT NOT NULL DEFAULT ''`,
	// The submissions that need a consumable resource. A row never changes.
	`CREATE TABLE need (resource TEXT NOT NULL, seq BIGINT NOT NULL, PRIMARY KEY (resource, seq)) WITHOUT ROWID`,
	`CREATE TABLE policy (name TEXT NOT NULL PRIMARY KEY, data TEXT NOT NULL, body BLOB)`,
	`CREATE TABLE consumable (name TEXT NOT NULL PRIMARY KEY, data TEXT NOT NULL)`,
	`CREATE TABLE share_usage (queue TEXT NOT NULL, share TEXT NOT NULL, data TEXT NOT NULL,
		PRIMARY KEY (queue, share)) WITHOUT ROWID`,
	`CREATE TABLE history (definition TEXT NOT NULL PRIMARY KEY, data TEXT NOT NULL)`,
	`CREATE TABLE access_key (id TEXT NOT NULL PRIMARY KEY, created_at BIGINT NOT NULL, data TEXT NOT NULL)`,
	`CREATE TABLE quota_share (queue TEXT NOT NULL, name TEXT NOT NULL, data TEXT NOT NULL, body BLOB,
		PRIMARY KEY (queue, name))`,
	`CREATE TABLE log_cursor (name TEXT NOT NULL PRIMARY KEY, seq BIGINT NOT NULL, at BIGINT NOT NULL)`,

	// The audit log becomes one that can be searched.
	`ALTER TABLE audit RENAME TO audit_documents`,
	`CREATE TABLE audit (seq INTEGER NOT NULL PRIMARY KEY, at BIGINT NOT NULL, who TEXT NOT NULL, denied INTEGER NOT NULL,
		action TEXT NOT NULL, resource TEXT NOT NULL, source TEXT NOT NULL)`,
	`INSERT INTO audit SELECT seq, json_extract(data, '$.At'), json_extract(data, '$.Who'), 0,
		json_extract(data, '$.Action'), json_extract(data, '$.Resource'), json_extract(data, '$.Source') FROM audit_documents`,
	`DROP TABLE audit_documents`,
	`CREATE INDEX audit_denied ON audit (seq) WHERE denied = 1`,
}, {
	// What is stored whole, as JSON under its name, shares one table; see batch.Record.
	`CREATE TABLE record (kind TEXT NOT NULL, scope TEXT NOT NULL, name TEXT NOT NULL, data TEXT NOT NULL, body BLOB,
		PRIMARY KEY (kind, scope, name))`,
	`INSERT INTO record SELECT 'environment', '', name, data, body FROM environment`,
	`INSERT INTO record SELECT 'host', '', id, data, NULL FROM host`,
	`INSERT INTO record SELECT 'policy', '', name, data, body FROM policy`,
	`INSERT INTO record SELECT 'consumable', '', name, data, NULL FROM consumable`,
	`INSERT INTO record SELECT 'history', '', definition, data, NULL FROM history`,
	`INSERT INTO record SELECT 'access key', '', id, data, NULL FROM access_key`,
	`INSERT INTO record SELECT 'quota share', queue, name, data, body FROM quota_share`,
	`INSERT INTO record SELECT 'cursor', '', name, json_object('Name', name, 'Seq', seq, 'At', at), NULL FROM log_cursor`,
	`DROP TABLE environment`,
	`DROP TABLE host`,
	`DROP TABLE policy`,
	`DROP TABLE consumable`,
	`DROP TABLE history`,
	`DROP TABLE access_key`,
	`DROP TABLE quota_share`,
	`DROP TABLE log_cursor`,

	// The log groups that job definitions name, and those that were created.
	`INSERT INTO record
		SELECT 'log group', '', name, json_object('Name', name, 'Named', json('true'), 'Prefixed', json(CASE WHEN max(prefixed) THEN 'true' ELSE 'false' END), 'CreatedAt', 0), NULL
		FROM (
			SELECT coalesce(json_extract(options, '$."awslogs-group"'), '/aws/batch/job') AS name,
				coalesce(json_extract(options, '$."awslogs-stream-prefix"'), '') <> '' AS prefixed
			FROM (
				SELECT CASE WHEN type = 'object' AND json_extract(value, '$.logDriver') = 'awslogs' THEN json_extract(value, '$.options') END AS options
				FROM definition, json_tree(CASE WHEN json_valid(CAST(body AS TEXT)) THEN CAST(body AS TEXT) ELSE 'null' END)
				WHERE key = 'logConfiguration')
			WHERE options IS NOT NULL)
		GROUP BY name`,

	// Nobody takes up what was stored as a result and can be none, nor the lack of one. A child's key is its attempts' too.
	`UPDATE job SET content = NULL WHERE content IS NOT NULL AND (instr(data, CAST('the result was not taken: ' AS BLOB)) > 0
		OR EXISTS (SELECT 1 FROM result WHERE result.job = seq * 1048576 AND NOT is_result(result.body)))`,
	`UPDATE child SET content = NULL WHERE content IS NOT NULL AND (instr(data, CAST('the result was not taken: ' AS BLOB)) > 0
		OR EXISTS (SELECT 1 FROM result WHERE result.job = child.job AND NOT is_result(result.body)))`,
	// The keys of the points of a submission that may share work. A row never changes.
	`CREATE TABLE point_keys (seq INTEGER NOT NULL PRIMARY KEY, data BLOB NOT NULL)`,
	// One row: the epoch of the writer that opened the store last.
	`CREATE TABLE writer (epoch INTEGER NOT NULL)`,
	`INSERT INTO writer (epoch) VALUES (0)`,
}, {
	// No table changes. Rows of hosts that were launched, of environments in an account and of logs that another service keeps have members
	// that earlier versions would drop, and so lose what they paid for; by the number they refuse the store instead.
}}
