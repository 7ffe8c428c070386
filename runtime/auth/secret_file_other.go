//go:build !unix

package auth

import "io/fs"

// Elsewhere the permissions of the directory decide who can read a file.

func checkOwner(string, fs.FileInfo) error { return nil }
