//go:build !linux && !darwin

package app

func freeBytes(string) (uint64, error) { return 0, errClientOnly }
