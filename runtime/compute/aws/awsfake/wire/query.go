package wire

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Query is the protocol awsQuery.
type Query struct {
	// Namespace is the XML namespace of answers.
	Namespace string
}

// Read reads a form: Action is the operation, every other parameter a path into the input.
func (Query) Read(_ http.Header, body []byte) (Request, error) { return readForm(body, nil) }

// Answer writes the output in an element named after the operation.
func (p Query) Answer(w http.ResponseWriter, request Request, output any) error {
	var x xmlWriter
	x.item, x.time = "member", time.RFC3339
	x.open(request.Operation+"Response", p.Namespace)
	x.open(request.Operation+"Result", "")
	if err := x.members(output); err != nil {
		return err
	}
	x.close(request.Operation + "Result")
	x.open("ResponseMetadata", "")
	x.text("RequestId", request.ID)
	x.close("ResponseMetadata")
	x.close(request.Operation + "Response")
	x.send(w, request, http.StatusOK)
	return nil
}

// Fail writes the error and whose fault it is.
func (p Query) Fail(w http.ResponseWriter, request Request, failure *Error) {
	var x xmlWriter
	x.open("ErrorResponse", p.Namespace)
	x.open("Error", "")
	x.text("Type", fault(failure))
	x.text("Code", failure.Code)
	x.text("Message", failure.Message)
	x.close("Error")
	x.text("RequestId", request.ID)
	x.close("ErrorResponse")
	x.send(w, request, failure.status())
}

// fault says whose fault an error is, in the words of the query protocol.
func fault(failure *Error) string {
	if failure.status() >= http.StatusInternalServerError {
		return "Receiver"
	}
	return "Sender"
}

// readForm reads the operation and its parameters from a form.
func readForm(body []byte, names Names) (Request, error) {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return Request{}, &Error{Code: "MalformedQueryString", Message: err.Error()}
	}
	request := Request{Operation: form.Get("Action"), parameters: map[string]any{}, names: names}
	if request.Operation == "" {
		return request, &Error{Code: "MissingAction", Message: "The request must contain the parameter Action"}
	}
	for path, values := range form {
		if path != "Action" && path != "Version" {
			plant(request.parameters, path, values[0])
		}
	}
	return request, nil
}

// plant sets the leaf of a tree at a path such as Filter.1.Value.2.
func plant(tree map[string]any, path, value string) {
	for {
		name, rest, deeper := strings.Cut(path, ".")
		if !deeper {
			tree[name] = value
			return
		}
		branch, ok := tree[name].(map[string]any)
		if !ok {
			branch = map[string]any{}
			tree[name] = branch
		}
		tree, path = branch, rest
	}
}
