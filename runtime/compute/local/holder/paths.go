package holder

import "path/filepath"

// Names in the state directory.
const (
	socketName  = "holder.sock"
	journalName = "holder.journal"
	scratchName = "scratch"
	resultName  = ".batch-result.json"
	scriptName  = ".batch-script"
	// installationName is the runtime's own; see package app.
	installationName = "installation"
)

// LogName is the file in the state directory that a holder's own words go to.
const LogName = "holder.log"

// LockName is the file in the state directory that a holder has open and locked for as long as it lives.
const LockName = "holder.lock"

// LogsDir returns the directory of the log segments of a state directory.
func LogsDir(stateDir string) string { return filepath.Join(stateDir, "logs") }

// ScriptPath returns where the script with that SHA-256 lies.
func ScriptPath(stateDir, sum string) string { return filepath.Join(stateDir, "scripts", sum) }
