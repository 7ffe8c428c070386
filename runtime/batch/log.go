package batch

// LogRef says where the output of an attempt is kept. Kind names who can read it and which of the other members counts. Of an attempt
// that runs it says where the output begins; the end of a span is not known yet.
type LogRef struct {
	Kind   LogKind   `json:"kind,omitempty"`
	Span   LogSpan   `json:"span,omitzero"`   // if Kind is LogSegments
	Stream LogStream `json:"stream,omitzero"` // of every other kind
}

// LogKind is a place where output is kept. A driver that leaves output elsewhere has a kind of its own, and the reader for it.
type LogKind string

// LogSegments is the kind of the log segments of this machine, see package joblog.
const LogSegments LogKind = ""

// LogStream names a stream that a service keeps, for example one of CloudWatch Logs.
type LogStream struct {
	// Account says through which account the stream is read, in the words of its reader, for example a profile and a region. It
	// does not name the environment of the attempt, which may be deleted before the log is read.
	Account string `json:"account,omitempty"`
	Group   string `json:"group,omitempty"`
	Name    string `json:"name,omitempty"`
}

// LogSpan says where one attempt's output lies: between From and To, among the
// records of others.
type LogSpan struct {
	From    LogPosition `json:"from"`
	To      LogPosition `json:"to"`
	Bytes   int64       `json:"bytes"`             // of output kept
	Dropped int64       `json:"dropped,omitempty"` // of output that could not be kept
}

// LogPosition is a place in the log segments of a host.
type LogPosition struct {
	Segment int64 `json:"segment"` // number of the segment, from 1; see [LogPosition.IsZero]
	Offset  int64 `json:"offset"`  // bytes from its start
}

// IsZero reports whether p is no place: before an attempt has output, or, at the end of a span, because the end is not known yet.
func (p LogPosition) IsZero() bool { return p.Segment == 0 }

// LogFrom is the reference to output that begins at a place in the segments of this machine.
func LogFrom(p LogPosition) LogRef { return LogRef{Span: LogSpan{From: p}} }

// IsZero reports whether there is no log: the attempt has not begun to run.
func (r LogRef) IsZero() bool { return r.Span.From.IsZero() && r.Stream == LogStream{} }

// Begun is r as it was when the attempt began: where its output ends, and how much it is, is not known.
func (r LogRef) Begun() LogRef {
	r.Span = LogSpan{From: r.Span.From}
	return r
}

// Silent reports whether it is known that the attempt wrote nothing. How much is in a stream elsewhere is not known.
func (r LogRef) Silent() bool { return r.Kind == LogSegments && r.Span.Bytes == 0 }
