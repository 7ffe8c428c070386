package rendezvous

import "io/fs"

func checkOwner(string, fs.FileInfo) error { return nil }

func processExists(int) bool { return false }

func identityOf(fs.FileInfo) Identity { return Identity{} }
