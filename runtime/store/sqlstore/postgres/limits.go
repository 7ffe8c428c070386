package postgres

// How soon the server notices that the machine of a connection is gone, and gives the lease to the next writer: it asks after
// keepaliveIdle without a word, again every keepaliveInterval, and gives up after keepaliveCount times. In seconds.
const (
	keepaliveIdle     = "10"
	keepaliveInterval = "5"
	keepaliveCount    = "3"
)

// maxHolder is how many characters of a name PostgreSQL keeps of who is connected.
const maxHolder = 63
