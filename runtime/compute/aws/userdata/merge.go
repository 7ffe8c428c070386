package userdata

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"net/textproto"
)

// part is a part of a MIME message.
type part struct {
	header textproto.MIMEHeader
	body   []byte
}

// Make returns user data in base64: the parts of a user's, also in base64, and then ours. The user's must be a MIME multi-part message, as AWS
// Batch wants it, and may be empty. The same input gives the same text.
func Make(users string, s *Settings) (string, error) {
	parts, err := split(users)
	if err != nil {
		return "", err
	}
	script, err := s.script()
	if err != nil {
		return "", err
	}
	parts = append(parts, part{textproto.MIMEHeader{"Content-Type": {`text/x-shellscript; charset="us-ascii"`}}, []byte(script)})
	whole, err := join(parts)
	if err != nil {
		return "", err
	}
	if len(whole) > MaxBytes {
		return "", fmt.Errorf("user data: the parts of the launch template and those of batchd (%d bytes) have %d bytes together, and EC2 allows %d; let the template fetch a script instead of containing it", len(script), len(whole), MaxBytes)
	}
	return base64.StdEncoding.EncodeToString(whole), nil
}

var errNotMIME = errors.New(`user data of the launch template: it must be a MIME multi-part message that begins with "MIME-Version: 1.0" and "Content-Type: multipart/mixed; boundary=…", because it is merged with that of batchd`)

// split takes a user's message apart.
func split(users string) (parts []part, err error) {
	if users == "" {
		return nil, nil
	}
	raw, err := base64.StdEncoding.DecodeString(users)
	if err != nil {
		return nil, fmt.Errorf("user data of the launch template: it must be in base64: %w", err)
	}
	message, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return nil, errNotMIME
	}
	media, parameters, err := mime.ParseMediaType(message.Header.Get("Content-Type"))
	if err != nil || media != "multipart/mixed" || parameters["boundary"] == "" {
		return nil, errNotMIME
	}
	reader := multipart.NewReader(message.Body, parameters["boundary"])
	for {
		p, err := reader.NextRawPart()
		if errors.Is(err, io.EOF) {
			return parts, nil
		}
		if err != nil {
			return nil, fmt.Errorf("user data of the launch template: part %d of its MIME message cannot be read: %w", len(parts)+1, err)
		}
		body, err := io.ReadAll(p)
		if err != nil {
			return nil, fmt.Errorf("user data of the launch template: part %d of its MIME message cannot be read: %w", len(parts)+1, err)
		}
		parts = append(parts, part{p.Header, body})
	}
}

// join makes a message of parts, with a boundary that follows from them.
func join(parts []part) ([]byte, error) {
	sum := sha256.New()
	for _, p := range parts {
		_, _ = sum.Write(p.body) // writing to a hash does not fail
	}
	boundary := "==batchd-" + hex.EncodeToString(sum.Sum(nil)[:8]) + "=="
	var whole bytes.Buffer
	fmt.Fprintf(&whole, "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=%q\r\n\r\n", boundary)
	writer := multipart.NewWriter(&whole)
	if err := writer.SetBoundary(boundary); err != nil {
		return nil, fmt.Errorf("user data: %w", err)
	}
	for _, p := range parts {
		w, err := writer.CreatePart(p.header)
		if err != nil {
			return nil, fmt.Errorf("user data: %w", err)
		}
		if _, err := w.Write(p.body); err != nil {
			return nil, fmt.Errorf("user data: %w", err)
		}
	}
	if err := writer.Close(); err != nil {
		return nil, fmt.Errorf("user data: %w", err)
	}
	return whole.Bytes(), nil
}
