package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/aws/smithy-go/transport/http/protocol/awsjson"
)

// JSON is the protocol awsJson1_0 or awsJson1_1, which differ in their content type.
type JSON struct {
	// Version is "1.0" or "1.1".
	Version string
}

// Read reads the operation from X-Amz-Target, which is the name of the service's model and that of the operation, and the
// parameters from the body.
func (JSON) Read(header http.Header, body []byte) (Request, error) {
	_, operation, found := strings.Cut(header.Get("X-Amz-Target"), ".")
	if !found {
		return Request{}, &Error{Code: "UnknownOperationException", Message: "the header X-Amz-Target does not name an operation"}
	}
	request := Request{Operation: operation}
	if len(bytes.TrimSpace(body)) == 0 {
		return request, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if err := decoder.Decode(&request.parameters); err != nil {
		return request, malformed(err)
	}
	return request, nil
}

// Answer writes output, which must be able to serialize itself.
func (p JSON) Answer(w http.ResponseWriter, request Request, output any) error {
	body, err := document(output)
	if err != nil {
		return fmt.Errorf("answer of %s: %w", request.Operation, err)
	}
	p.write(w, request, http.StatusOK, body)
	return nil
}

// Fail writes the code as __type, as the services do.
func (p JSON) Fail(w http.ResponseWriter, request Request, failure *Error) {
	members := map[string]any{"__type": failure.Code, "message": failure.Message}
	for name, value := range failure.Members {
		members[name] = value
	}
	body, err := json.Marshal(members)
	if err != nil {
		body = fmt.Appendf(nil, `{"__type":"InternalFailure","message":%q}`, err)
	}
	if failure.QueryCode != "" {
		w.Header().Set("X-Amzn-Query-Error", failure.QueryCode+";"+fault(failure))
	}
	p.write(w, request, failure.status(), body)
}

func (p JSON) write(w http.ResponseWriter, request Request, status int, body []byte) {
	w.Header().Set("Content-Type", "application/x-amz-json-"+p.Version)
	w.Header().Set("X-Amzn-Requestid", request.ID)
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that has gone needs no answer
}

// shape stands for the schema of any operation: the SDK's serializer looks only at its name and at whether there is an input.
var shape = smithy.NewSchema(smithy.ShapeID{Name: "Answer"}, smithy.ShapeTypeStructure, 0)

// document returns output as the SDK's serializer writes it. The SDK serializes requests only, and an answer is a document of
// the same form.
func document(output any) ([]byte, error) {
	serializable, ok := output.(smithy.Serializable)
	if !ok {
		return nil, fmt.Errorf("%T cannot serialize itself", output)
	}
	request, ok := smithyhttp.NewStackRequest().(*smithyhttp.Request)
	if !ok {
		return nil, fmt.Errorf("the SDK made a request of another type")
	}
	service := smithy.NewServiceSchema(shape, "")
	if err := awsjson.New11(service).SerializeRequest(context.Background(), smithy.NewOperationSchema(shape, shape, shape), serializable, request); err != nil {
		return nil, err
	}
	return io.ReadAll(request.GetStream())
}
