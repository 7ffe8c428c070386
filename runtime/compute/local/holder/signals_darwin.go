package holder

// restoreLibrarySignals does nothing: the C library keeps no signals for itself here.
func restoreLibrarySignals() {}
