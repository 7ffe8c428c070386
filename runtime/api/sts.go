package api

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"

	"github.com/batchd/terraform-provider-batch/runtime/api/wire"
	"github.com/batchd/terraform-provider-batch/runtime/auth"
)

// The one call of AWS STS that tools make to see whose keys they have. It speaks AWS's query protocol:
// a form in, XML out.

const (
	mediaForm = "application/x-www-form-urlencoded"
	mediaXML  = "text/xml"
)

type callerIdentityResponse struct {
	XMLName   xml.Name `xml:"https://sts.amazonaws.com/doc/2011-06-15/ GetCallerIdentityResponse"`
	Arn       string   `xml:"GetCallerIdentityResult>Arn"`
	UserID    string   `xml:"GetCallerIdentityResult>UserId"`
	Account   string   `xml:"GetCallerIdentityResult>Account"`
	RequestID string   `xml:"ResponseMetadata>RequestId"`
}

// callerIdentity answers a caller with his own name: a user called as his access key is.
func (s *server) callerIdentity(w http.ResponseWriter, r *http.Request) error {
	if err := auth.CheckContentType(r, mediaForm); err != nil {
		return err
	}
	body, err := read(r, wire.MaxBody)
	if err != nil {
		return err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return &wire.Error{Code: "MalformedQueryString", StatusCode: http.StatusBadRequest, Message: "the request is not a form: " + err.Error()}
	}
	if action := form.Get("Action"); action != "GetCallerIdentity" {
		return &wire.Error{Code: "InvalidAction", StatusCode: http.StatusBadRequest, Message: fmt.Sprintf("Action is %q; allowed is GetCallerIdentity", wire.Brief(action))}
	}
	who := callerOf(r).Who
	return writeXML(w, http.StatusOK, callerIdentityResponse{
		Arn: "arn:aws:iam::" + s.Place.Account + ":user/" + who, UserID: who, Account: s.Place.Account,
		RequestID: w.Header().Get(wire.HeaderRequestID),
	})
}

type queryErrorResponse struct {
	XMLName   xml.Name `xml:"https://sts.amazonaws.com/doc/2011-06-15/ ErrorResponse"`
	Type      string   `xml:"Error>Type"`
	Code      string   `xml:"Error>Code"`
	Message   string   `xml:"Error>Message"`
	RequestID string   `xml:"RequestId"`
}

// isQuery reports whether a request speaks the query protocol and reads its errors in XML.
func isQuery(r *http.Request) bool { return key(r) == "POST /" }

func writeQueryError(w http.ResponseWriter, e *wire.Error) {
	fault := "Sender"
	if e.StatusCode >= http.StatusInternalServerError {
		fault = "Receiver"
	}
	// Strings always marshal, and the caller has gone if writing fails.
	_ = writeXML(w, e.StatusCode, queryErrorResponse{Type: fault, Code: e.Code, Message: e.Message, RequestID: e.RequestID})
}

func writeXML(w http.ResponseWriter, status int, answer any) error {
	text, err := xml.Marshal(answer)
	if err != nil {
		return fmt.Errorf("writing the answer: %w", err)
	}
	w.Header().Set("Content-Type", mediaXML)
	w.WriteHeader(status)
	_, _ = w.Write(text) // the caller has gone if this fails
	return nil
}
