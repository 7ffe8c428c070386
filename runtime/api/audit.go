package api

import (
	"net/http"
	"strconv"

	"github.com/batchd/terraform-provider-batch/runtime/api/pagetoken"
	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/store"
)

// audit answers with a page of the audit log, newest first. The query may have nextToken, maxResults, who, action
// and denied (true or false).
func (s *server) audit(w http.ResponseWriter, r *http.Request) error {
	values := r.URL.Query()
	q := store.AuditQuery{Who: values.Get("who"), Action: values.Get("action"), Limit: wire.MaxAudits}
	if err := pagetoken.Decode(values.Get("nextToken"), &q.Before); err != nil {
		return err
	}
	if text := values.Get("maxResults"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > wire.MaxAudits {
			return &wire.FieldError{Field: "maxResults", Given: wire.Brief(text), Allowed: "1 to " + strconv.Itoa(wire.MaxAudits)}
		}
		q.Limit = n
	}
	if text := values.Get("denied"); text != "" {
		denied, err := strconv.ParseBool(text)
		if err != nil {
			return &wire.FieldError{Field: "denied", Given: wire.Brief(text), Allowed: "true or false"}
		}
		q.Denied = &denied
	}
	found, err := s.Store.Audits(r.Context(), q)
	if err != nil {
		return err
	}
	answer := wire.AuditResponse{Lines: []wire.AuditLine{}}
	for _, line := range found {
		answer.Lines = append(answer.Lines, wire.AuditLine{
			At: int64(line.At), Who: line.Who, Action: line.Action, Resource: line.Resource, Source: line.Source, Denied: line.Denied,
		})
	}
	if len(found) == q.Limit {
		answer.NextToken = pagetoken.Encode(found[len(found)-1].Seq)
	}
	return write(w, answer)
}
