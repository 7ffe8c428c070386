//go:build linux || darwin

package process

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
)

func TestInterpreter(t *testing.T) {
	path := filepath.Join(t.TempDir(), "script")
	for _, c := range []struct {
		text string
		want []string
	}{
		{"echo hello", []string{"/bin/sh", path}},
		{"", []string{"/bin/sh", path}},
		{"#!\n", []string{"/bin/sh", path}},
		{"#!/bin/bash", []string{"/bin/bash", path}},
		{"#! /bin/bash  -e -x \nx", []string{"/bin/bash", "-e -x", path}},
		{"#!/usr/bin/env python3\n", []string{"/usr/bin/env", "python3", path}},
	} {
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := interpreter(path); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%q: %q, %v; want %q", c.text, got, err, c.want)
		}
	}
}

func TestReaperTellsEveryExit(t *testing.T) {
	l, err := NewLauncher("test")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	exits := make(chan Exit, 100)
	r := NewReaper(func(e Exit) { exits <- e })
	want := map[int]int32{}
	for code := range int32(20) {
		r.Starting()
		p, err := l.Start(&Spec{Command: []string{"/bin/sh", "-c", "exit $0", strconv.Itoa(int(code))}, Dir: "/"})
		if err != nil {
			t.Fatal(err)
		}
		r.Begun(p.PID)
		want[p.PID] = code
	}
	for range len(want) {
		e := <-exits
		if e.Code() != want[e.PID] {
			t.Errorf("process %d ended with %d", e.PID, e.Code())
		}
		r.Settle(e.PID)
	}
	r.Close()
}
