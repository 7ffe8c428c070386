package batch

// Record says how a noun is stored that a store keeps whole, as JSON under its name. Such nouns share one table: a new one needs
// no statement of its own. A machine is loaded from all of them, so a noun of which there may be very many is not one.
type Record struct {
	Kind  string  // what it is, for example "policy"; it never changes once such a row has been stored
	Scope string  // what its name is unique in, for example the queue of a quota share; empty: among all of its kind
	Name  string  // for example that of the policy
	Gone  bool    // in a delta: the row goes
	Body  *[]byte // the document of the client, which is stored beside the rest; nil: it has none
}

// Recorded is a pointer to a noun that is stored as a record.
type Recorded interface{ Record() Record }

// EachRecord calls put with a copy of each row of d that is stored as a record, until it returns an error, which is returned.
func (d *Delta) EachRecord(put func(Recorded) error) error {
	for _, n := range nouns(d, &Rows{}, &Snapshot{}) {
		if n.record == nil {
			continue
		}
		for i := range n.rows {
			if err := put(n.record(i)); err != nil {
				return err
			}
		}
	}
	return nil
}

// AddRecord returns a function that adds a record of that kind to s. It calls fill with a new row, to be filled with what was
// stored, and returns its error. It is nil if there is no such kind.
func (s *Snapshot) AddRecord(kind string) func(fill func(Recorded) error) error {
	for _, n := range nouns(&Delta{}, &Rows{}, s) {
		if n.record != nil && n.kind == kind {
			return n.add
		}
	}
	return nil
}

// Records lists copies of the rows of one kind that are stored as records, by scope and name.
func (r *Rows) Records(kind string) []Recorded {
	for _, n := range nouns(&Delta{}, r, &Snapshot{}) {
		if n.record != nil && n.kind == kind {
			return n.all()
		}
	}
	return nil
}
