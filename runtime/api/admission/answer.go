package admission

import (
	"net/http"
	"time"
)

// Answer remembers the status of an answer, and gives up a caller that does not read it.
type Answer struct {
	http.ResponseWriter
	control *http.ResponseController
	Status  int // 0 until the answer begins
}

// NewAnswer returns the answer that is written to w.
func NewAnswer(w http.ResponseWriter) *Answer {
	return &Answer{ResponseWriter: w, control: http.NewResponseController(w)}
}

// WriteHeader implements [http.ResponseWriter].
func (a *Answer) WriteHeader(status int) {
	if a.Status == 0 {
		a.Status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

// Write implements [http.ResponseWriter].
func (a *Answer) Write(p []byte) (int, error) {
	if a.Status == 0 {
		a.Status = http.StatusOK
	}
	// What has no deadlines, a recorder in a test, has no slow callers.
	_ = a.control.SetWriteDeadline(time.Now().Add(answerPatience + time.Duration(len(p)/bodyPiece)*bodyPatience))
	return a.ResponseWriter.Write(p)
}

// Unwrap lets [http.ResponseController] find what it controls.
func (a *Answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
