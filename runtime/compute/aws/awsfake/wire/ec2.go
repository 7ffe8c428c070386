package wire

import "net/http"

// EC2 is the protocol ec2Query.
type EC2 struct {
	// Namespace is the XML namespace of answers.
	Namespace string
	// Requests and Answers are the names of members that differ from the names of their fields.
	Requests, Answers Names
}

// Names are the wire names of members by type and field, for example DescribeInstancesInput.Filters is Filter. It holds those that
// are not what the protocol makes of the name of the field: for requests the name itself, for answers the name with its first letter
// in lower case. A list whose elements are not called item has their name too, as in encoding/xml: groupSet>groupId.
type Names map[string]string

// ec2Time is the form of a time in an answer.
const ec2Time = "2006-01-02T15:04:05.000Z"

// Read reads a form: Action is the operation, every other parameter a path into the input.
func (p EC2) Read(_ http.Header, body []byte) (Request, error) { return readForm(body, p.Requests) }

// Answer writes the output in an element named after the operation.
func (p EC2) Answer(w http.ResponseWriter, request Request, output any) error {
	var x xmlWriter
	x.item, x.time, x.names, x.lower = "item", ec2Time, p.Answers, true
	x.open(request.Operation+"Response", p.Namespace)
	x.text("requestId", request.ID)
	if err := x.members(output); err != nil {
		return err
	}
	x.close(request.Operation + "Response")
	x.send(w, request, http.StatusOK)
	return nil
}

// Fail writes the error in a list of one.
func (p EC2) Fail(w http.ResponseWriter, request Request, failure *Error) {
	var x xmlWriter
	x.open("Response", "")
	x.open("Errors", "")
	x.open("Error", "")
	x.text("Code", failure.Code)
	x.text("Message", failure.Message)
	x.close("Error")
	x.close("Errors")
	x.text("RequestID", request.ID)
	x.close("Response")
	x.send(w, request, failure.status())
}
