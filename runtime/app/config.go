package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/batchd/terraform-provider-batch/runtime/events"
)

// configFile is the configuration file in the state directory, which need not be there.
const configFile = "config.json"

// Config is the configuration file: what a runtime is told once and flags would not hold. A field that is not known is an
// error.
type Config struct {
	Events EventsConfig `json:"events"`
}

// EventsConfig says where events are carried to.
type EventsConfig struct {
	Sinks []events.SinkConfig `json:"sinks"`
}

// ReadConfig reads a configuration file. Paths in it are relative to its directory.
func ReadConfig(path string) (Config, error) {
	var c Config
	file, err := os.Open(path)
	if err != nil {
		return c, fmt.Errorf("configuration: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(file, maxConfig+1))
	if err := errors.Join(err, file.Close()); err != nil {
		return c, fmt.Errorf("configuration: %w", err)
	}
	if len(text) > maxConfig {
		return c, fmt.Errorf("configuration: %s has more than the %d bytes that are allowed", path, maxConfig)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&c); err != nil {
		return c, fmt.Errorf("configuration: %s: %w", path, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return c, fmt.Errorf("configuration: %s holds more than one JSON object", path)
	}
	directory := filepath.Dir(path)
	for i := range c.Events.Sinks {
		s := &c.Events.Sinks[i]
		for _, file := range []*string{&s.Path, &s.SecretFile, &s.CAFile} {
			if *file != "" && !filepath.IsAbs(*file) {
				*file = filepath.Join(directory, *file)
			}
		}
	}
	if err := events.CheckSinks(c.Events.Sinks); err != nil {
		return c, fmt.Errorf("configuration: %s: events.%w", path, err)
	}
	return c, nil
}

// config reads the configuration file that was named, or the one in the state directory if there is one.
func (a *App) config() (Config, error) {
	path := a.options.ConfigFile
	if path == "" {
		path = a.dir.File(configFile)
	}
	c, err := ReadConfig(path)
	if a.options.ConfigFile == "" && errors.Is(err, fs.ErrNotExist) {
		return Config{}, nil
	}
	if err != nil {
		return c, err
	}
	if err := events.CheckFiles(c.Events.Sinks, a.dir.Path(), path); err != nil {
		return c, fmt.Errorf("configuration: %s: events.%w", path, err)
	}
	return c, nil
}
