package holder

// detachMounts does nothing: what a job mounts on macOS lies in /Volumes.
func detachMounts(string) bool { return true }
