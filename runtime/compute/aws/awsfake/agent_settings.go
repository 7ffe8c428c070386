package awsfake

import (
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"regexp"
	"strconv"
	"strings"
)

// settings are the variables of the agent that the user data of an instance sets.
type settings map[string]string

var assignment = regexp.MustCompile(`\b(ECS_[A-Z0-9_]+)=(.*)$`)

// readSettings reads the variables out of user data: a shell script or a MIME message of several. A line may be one of a here-document or an
// echo into a file:
//
//	ECS_CLUSTER=batch
//	echo 'ECS_CLUSTER=batch' >> /etc/ecs/ecs.config
//
// A variable that is set twice has its last value.
func readSettings(userData string) settings {
	s := settings{}
	for _, script := range scripts(userData) {
		for line := range strings.Lines(script) {
			if found := assignment.FindStringSubmatch(strings.TrimSpace(line)); found != nil {
				s[found[1]] = unquoted(line, found[2])
			}
		}
	}
	return s
}

// unquoted is the value of an assignment without what belongs to the echo around it.
func unquoted(line, value string) string {
	if !strings.Contains(line, "echo") {
		return strings.TrimSpace(value)
	}
	value, _, _ = strings.Cut(value, ">>")
	value, _, _ = strings.Cut(value, ";")
	return strings.Trim(strings.TrimSpace(value), `"'`)
}

// scripts are the parts of a MIME message, or the text itself.
func scripts(userData string) (parts []string) {
	message, err := mail.ReadMessage(strings.NewReader(userData))
	if err != nil {
		return []string{userData}
	}
	_, parameters, err := mime.ParseMediaType(message.Header.Get("Content-Type"))
	if err != nil || parameters["boundary"] == "" {
		return []string{userData}
	}
	reader := multipart.NewReader(message.Body, parameters["boundary"])
	for {
		part, err := reader.NextPart()
		if err != nil {
			return parts
		}
		if body, err := io.ReadAll(part); err == nil {
			parts = append(parts, string(body))
		}
	}
}

// pointer is the value of a variable, nil if it is not set.
func (s settings) pointer(name string) *string {
	if value, set := s[name]; set {
		return &value
	}
	return nil
}

// number is the value of a variable; 0 if it is not a number.
func (s settings) number(name string) int64 {
	value, _ := strconv.ParseInt(s[name], 10, 64)
	return value
}

// list is the value of a variable that is a JSON array, or what holds without it.
func (s settings) list(name string, otherwise ...string) []string {
	var values []string
	if json.Unmarshal([]byte(s[name]), &values) != nil {
		return otherwise
	}
	return values
}
